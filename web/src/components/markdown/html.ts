// A first pass over the HTML in Markdown, by text alone: tags and attributes that are not on the list go before any parser sees them.
// It is no guard (DOMPurify is), but a parser would report each style and handler that the Content-Security-Policy refuses.
import { attributes, elements } from './allowed';

const hidden =
  /<(script|style|iframe|object|embed|template|noscript|svg|math|textarea|title)\b[\s\S]*?(?:<\/\1\s*>|$)/gi;
const comment = /<!--[\s\S]*?(?:-->|$)|<[!?][^>]*>/g;
const tag = /<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi;
const attribute = /([a-z][a-z0-9-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/gi;

function keepAttributes(text: string): string {
  let kept = '';
  for (const [, name = '', value] of text.matchAll(attribute)) {
    if (!attributes.includes(name.toLowerCase())) continue;
    const bare = value && /^["']/.test(value) ? value.slice(1, -1) : (value ?? '');
    kept += ` ${name}="${bare.replaceAll('"', '&quot;')}"`;
  }
  return kept;
}

export function reduceHtml(html: string): string {
  return html
    .replace(hidden, '')
    .replace(comment, '')
    .replace(tag, (_, slash: string, name: string, rest: string) =>
      elements.includes(name.toLowerCase()) ? `<${slash}${name}${slash ? '' : keepAttributes(rest)}>` : '',
    );
}
