import { Progress } from '@mantine/core';
import type { Schemas } from '@/api/client';
import { DataTable, type Column } from '@/components/DataTable';
import { IndexProgress } from '@/components/IndexProgress';
import { Query } from '@/components/Query';
import { Empty } from '@/components/States';
import { formatBytes, shortDigest } from '@/lib/format';
import { useLargestFiles, useWastedSpace, type Source } from './queries';
import classes from './Files.module.css';

const largest: Column<Schemas['FileEntry']>[] = [
  { key: 'path', title: 'File', render: (row) => <code className={classes.path}>{row.path}</code> },
  { key: 'size', title: 'Size', numeric: true, render: (row) => formatBytes(row.size) },
  {
    key: 'layer',
    title: 'Layer',
    wide: true,
    render: (row) => <code>{row.layer ? shortDigest(row.layer) : ''}</code>,
  },
];

export function LargestFiles({ source }: { source: Source }) {
  const query = useLargestFiles(source);
  return (
    <Query query={query}>
      {(answer) =>
        answer.ready ? (
          answer.data.items.length === 0 ? (
            <Empty title="There are no files in this image" />
          ) : (
            <DataTable
              label="Largest files"
              columns={largest}
              rows={answer.data.items}
              rowKey={(row) => row.path}
            />
          )
        ) : (
          <IndexProgress progress={answer.progress} />
        )
      }
    </Query>
  );
}

const wasted: Column<Schemas['WastedFile']>[] = [
  { key: 'path', title: 'File', render: (row) => <code className={classes.path}>{row.path}</code> },
  { key: 'wasted', title: 'Wasted', numeric: true, render: (row) => formatBytes(row.wasted) },
  { key: 'copies', title: 'Copies', numeric: true, render: (row) => row.copies },
  {
    key: 'layers',
    title: 'Layers',
    wide: true,
    render: (row) => <code>{row.layers.map(shortDigest).join(', ')}</code>,
  },
];

export function WastedSpace({ source }: { source: Source }) {
  const query = useWastedSpace(source);
  return (
    <Query query={query}>
      {(answer) => {
        if (!answer.ready) return <IndexProgress progress={answer.progress} />;
        const percent = Math.round(answer.data.efficiency * 1000) / 10;
        return (
          <div className={classes.wasted}>
            <p className={classes.note}>
              <strong>{formatBytes(answer.data.wasted)}</strong> are stored more than once or deleted by a
              later layer; {percent} % of the image is of use.
            </p>
            <Progress value={percent} aria-label="Share of useful bytes" />
            {answer.data.items.length === 0 ? (
              <Empty title="Nothing is wasted" />
            ) : (
              <DataTable
                label="Wasted space"
                columns={wasted}
                rows={answer.data.items}
                rowKey={(row) => row.path}
              />
            )}
          </div>
        );
      }}
    </Query>
  );
}
