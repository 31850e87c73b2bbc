import { useLayoutEffect, useRef } from 'react';
import { renderMarkdown } from './render';
import classes from './Markdown.module.css';

export default function MarkdownText({ text }: { text: string }) {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => root.current?.replaceChildren(renderMarkdown(text)), [text]);
  return <div ref={root} className={classes.markdown} />;
}
