import { formatAgo, formatTime } from '@/lib/format';

// A time as "3 days ago", with the exact one on hover.
export function Ago({ time, never = 'never' }: { time: string | null | undefined; never?: string }) {
  if (!time) return <span>{never}</span>;
  return (
    <time dateTime={time} title={formatTime(time)} className="nowrap">
      {formatAgo(time)}
    </time>
  );
}
