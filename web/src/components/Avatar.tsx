import classes from './Avatar.module.css';

// White text is legible on each (WCAG AA).
const colors = [
  '#0b7285',
  '#1864ab',
  '#364fc7',
  '#5f3dc4',
  '#862e9c',
  '#a61e4d',
  '#b02a37',
  '#a3490f',
  '#2b7a3a',
  '#087f5b',
  '#495866',
];

// FNV-1a: names that differ little get different colours.
function hashOf(text: string): number {
  return [...text].reduce(
    (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0,
    2166136261,
  );
}

interface Props {
  name: string;
  size?: number;
  // A picture on this server; empty for none.
  logo?: string;
}

// A logo, or a letter on a colour made from the name: no picture is ever fetched from elsewhere.
export function Avatar({ name, size = 36, logo }: Props) {
  if (logo) return <img src={logo} width={size} height={size} alt="" className={classes.logo} />;
  const color = colors[(hashOf(name) >>> 16) % colors.length];
  return (
    <span
      className={classes.avatar}
      aria-hidden
      style={{
        width: size,
        height: size,
        fontSize: size * 0.45,
        backgroundColor: color,
      }}
    >
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}
