// Markdown of strangers as harmless HTML: markdown-it reads it, DOMPurify keeps a short list of elements and attributes.
// Nothing is fetched from elsewhere: an image of another host becomes a link to it.
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';
import { attributes, elements } from './allowed';
import { reduceHtml } from './html';

const markdown = new MarkdownIt({ html: true, linkify: true });
for (const rule of ['html_block', 'html_inline']) {
  markdown.renderer.rules[rule] = (tokens, at) => reduceHtml(tokens[at]!.content);
}
// The alignment of a column is a style, which the Content-Security-Policy forbids; the old attribute does the same.
for (const rule of ['th_open', 'td_open']) {
  markdown.renderer.rules[rule] = (tokens, at, options, _, self) => {
    const token = tokens[at]!;
    const alignment = /text-align:(\w+)/.exec(token.attrGet('style') ?? '')?.[1];
    token.attrs = alignment ? [['align', alignment]] : null;
    return self.renderToken(tokens, at, options);
  };
}
const purifier = DOMPurify(window);

function isOwn(address: string): boolean {
  try {
    return new URL(address, window.location.href).origin === window.location.origin;
  } catch {
    return false;
  }
}

// A picture in the text itself, or one of this server by its whole path: a README lies in no folder that others could be relative to.
function isShown(source: string): boolean {
  return source.startsWith('data:') || (/^(?:\/(?!\/)|https?:)/i.test(source) && isOwn(source));
}

purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A' && node.hasAttribute('href')) {
    node.setAttribute('rel', 'nofollow noopener noreferrer ugc');
    if (!isOwn(node.getAttribute('href')!)) node.setAttribute('target', '_blank');
  }
  if (node.tagName === 'IMG') {
    if (!isShown(node.getAttribute('src') ?? '')) replaceImage(node);
    else if (!node.hasAttribute('alt')) node.setAttribute('alt', '');
  }
  // A scrolling block must be reachable by keyboard.
  if (node.tagName === 'PRE' || node.tagName === 'TABLE') node.setAttribute('tabindex', '0');
});

function replaceImage(image: Element) {
  const text = image.getAttribute('alt') || 'image';
  const inLink = image.closest('a') !== null;
  const replacement = image.ownerDocument.createElement(inLink ? 'span' : 'a');
  replacement.textContent = text;
  if (!inLink && /^https?:/i.test(image.getAttribute('src') ?? '')) {
    replacement.setAttribute('href', image.getAttribute('src')!);
    replacement.setAttribute('rel', 'nofollow noopener noreferrer ugc');
    replacement.setAttribute('target', '_blank');
  }
  image.replaceWith(replacement);
}

// Headings of a README sit below the page's own two levels.
function lowerHeadings(root: ParentNode) {
  for (const heading of root.querySelectorAll('h1,h2,h3,h4')) {
    const level = Math.min(6, Number(heading.tagName[1]) + 2);
    const lowered = heading.ownerDocument.createElement(`h${level}`);
    lowered.dataset.level = heading.tagName[1];
    lowered.append(...heading.childNodes);
    heading.replaceWith(lowered);
  }
}

export function renderMarkdown(text: string): DocumentFragment {
  const fragment = purifier.sanitize(markdown.render(text), {
    ALLOWED_TAGS: elements,
    ALLOWED_ATTR: attributes,
    ALLOWED_URI_REGEXP:
      /^(?:https?:|mailto:|data:image\/(?:png|jpeg|gif|webp);|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
    RETURN_DOM_FRAGMENT: true,
  });
  lowerHeadings(fragment);
  return fragment;
}
