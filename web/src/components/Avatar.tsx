import classes from './Avatar.module.css';

// A letter on a colour made from the name: no picture is ever fetched from elsewhere.
export function Avatar({ name, size = 36 }: { name: string; size?: number }) {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return (
    <span
      className={classes.avatar}
      aria-hidden
      style={{ width: size, height: size, fontSize: size * 0.45, backgroundColor: `hsl(${hue} 38% 34%)` }}
    >
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}
