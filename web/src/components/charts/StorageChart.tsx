import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import type { Schemas } from '@/api/client';
import { formatBytes } from '@/lib/format';

// Own and shared bytes of the largest rows.
export default function StorageChart({ rows }: { rows: Schemas['StorageRow'][] }) {
  const data = rows
    .slice(0, 12)
    .map(({ name, storage }) => ({ name, Own: storage.own, Shared: storage.shared }));
  return (
    <div aria-hidden>
      <BarChart
        h={Math.max(140, data.length * 34 + 60)}
        data={data}
        dataKey="name"
        type="stacked"
        orientation="vertical"
        series={[
          { name: 'Own', color: 'harbour.7' },
          { name: 'Shared', color: 'harbour.3' },
        ]}
        valueFormatter={formatBytes}
        withLegend
        legendProps={{ verticalAlign: 'top', height: 36 }}
        yAxisProps={{ width: Math.min(150, 24 + 7 * Math.max(...data.map(({ name }) => name.length))) }}
        gridAxis="x"
        barProps={{ isAnimationActive: false, maxBarSize: 20 }}
      />
    </div>
  );
}
