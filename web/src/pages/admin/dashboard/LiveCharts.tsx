import '@mantine/charts/styles.layer.css';
import { AreaChart } from '@mantine/charts';
import type { Schemas } from '@/api/client';
import { formatBytes, formatNumber } from '@/lib/format';
import classes from './Dashboard.module.css';

type Metrics = Schemas['ServerMetrics'];
type Key = Exclude<keyof Metrics, 'at'>;

interface Chart {
  title: string;
  series: { key: Key; name: string; color: string }[];
  format: (value: number) => string;
}

const round = (value: number) => formatNumber(Math.round(value * 10) / 10);
const charts: Chart[] = [
  {
    title: 'Requests a second',
    series: [
      { key: 'requests_per_second', name: 'Requests', color: 'harbour.6' },
      { key: 'errors_per_second', name: 'Errors', color: 'red.6' },
    ],
    format: round,
  },
  {
    title: 'Traffic a second',
    series: [
      { key: 'bytes_out_per_second', name: 'Out', color: 'harbour.6' },
      { key: 'bytes_in_per_second', name: 'In', color: 'violet.5' },
    ],
    format: (value) => formatBytes(Math.round(value)),
  },
  {
    title: 'Latency in milliseconds',
    series: [
      { key: 'latency_p99_ms', name: '99 %', color: 'orange.6' },
      { key: 'latency_p50_ms', name: 'Median', color: 'harbour.6' },
    ],
    format: round,
  },
  {
    title: 'Pulls and pushes a second',
    series: [
      { key: 'pulls_per_second', name: 'Pulls', color: 'harbour.6' },
      { key: 'pushes_per_second', name: 'Pushes', color: 'violet.5' },
    ],
    format: round,
  },
  {
    title: 'Processor, percent',
    series: [{ key: 'cpu_percent', name: 'Processor', color: 'harbour.6' }],
    format: round,
  },
  {
    title: 'Memory',
    series: [{ key: 'memory_bytes', name: 'Memory', color: 'harbour.6' }],
    format: (value) => formatBytes(Math.round(value)),
  },
];

export default function LiveCharts({ history, latest }: { history: Metrics[]; latest: Metrics }) {
  const data = history.map((point) => ({
    ...point,
    time: new Date(point.at).toLocaleTimeString('en', { hour12: false }),
  }));
  return (
    <div className={classes.charts}>
      {charts.map(({ title, series, format }) => (
        <figure key={title} className={classes.chart}>
          <figcaption>
            {title}
            <span className={classes.now}>
              {series.map(({ key, name }) => `${name} ${format(Number(latest[key]))}`).join(' · ')}
            </span>
          </figcaption>
          <div aria-hidden>
            <AreaChart
              h={150}
              data={data}
              dataKey="time"
              series={series.map(({ key, name, color }) => ({ name: key, label: name, color }))}
              valueFormatter={format}
              withDots={false}
              curveType="monotone"
              yAxisProps={{ width: 62 }}
              xAxisProps={{ minTickGap: 40 }}
              areaProps={{ isAnimationActive: false }}
            />
          </div>
        </figure>
      ))}
    </div>
  );
}
