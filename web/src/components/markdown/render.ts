// Markdown of strangers as harmless HTML: markdown-it reads it, DOMPurify keeps a short list of elements and attributes.
// Nothing is fetched from elsewhere: an image of another host becomes a link to it.
import DOMPurify from 'dompurify';
import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({ html: true, linkify: true });
const purifier = DOMPurify(window);

const elements = [
  'a',
  'abbr',
  'b',
  'blockquote',
  'br',
  'code',
  'dd',
  'del',
  'details',
  'div',
  'dl',
  'dt',
  'em',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
  'i',
  'img',
  'ins',
  'kbd',
  'li',
  'ol',
  'p',
  'pre',
  's',
  'samp',
  'span',
  'strong',
  'sub',
  'summary',
  'sup',
  'table',
  'tbody',
  'td',
  'tfoot',
  'th',
  'thead',
  'tr',
  'tt',
  'ul',
  'var',
];
const attributes = [
  'align',
  'alt',
  'colspan',
  'height',
  'href',
  'open',
  'rowspan',
  'src',
  'start',
  'title',
  'width',
];

function isOwn(address: string): boolean {
  try {
    const url = new URL(address, window.location.href);
    return url.protocol === 'data:' || url.origin === window.location.origin;
  } catch {
    return false;
  }
}

purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A' && node.hasAttribute('href')) {
    node.setAttribute('rel', 'nofollow noopener noreferrer ugc');
    if (!isOwn(node.getAttribute('href')!)) node.setAttribute('target', '_blank');
  }
  if (node.tagName === 'IMG' && !isOwn(node.getAttribute('src') ?? '')) replaceImage(node);
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
