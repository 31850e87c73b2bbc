import type { ReactNode } from 'react';
import type { Schemas } from '@/api/client';
import { Digest } from '@/components/Digest';
import { Section } from '@/components/Page';
import { formatTime } from '@/lib/format';
import { platformText } from '@/lib/names';
import classes from './Image.module.css';

const words = (values: string[]) =>
  values.map((value) => (/[\s"'$]/.test(value) || !value ? JSON.stringify(value) : value)).join(' ');

function Lines({ values }: { values: string[] }) {
  return values.map((value) => (
    <div key={value}>
      <code>{value}</code>
    </div>
  ));
}

export function Configuration({ configuration: image }: { configuration: Schemas['ImageConfiguration'] }) {
  const rows: [string, ReactNode][] = [
    ['Platform', platformText(image.platform)],
    ['Created', image.created && formatTime(image.created)],
    ['Author', image.author],
    ['Entrypoint', image.entrypoint.length > 0 && <code>{words(image.entrypoint)}</code>],
    ['Command', image.cmd.length > 0 && <code>{words(image.cmd)}</code>],
    ['User', image.user || 'root'],
    ['Working directory', image.working_dir && <code>{image.working_dir}</code>],
    ['Ports', image.exposed_ports.join(', ')],
    ['Volumes', image.volumes.length > 0 && <Lines values={image.volumes} />],
    ['Stop signal', image.stop_signal],
    ['Environment', image.env.length > 0 && <Lines values={image.env} />],
    ['Configuration', <Digest key="config" value={image.config_digest} />],
  ];
  const labels = Object.entries(image.labels);
  return (
    <>
      <dl className={classes.configuration}>
        {rows.map(([name, value]) =>
          value ? (
            <Row key={name} name={name}>
              {value}
            </Row>
          ) : null,
        )}
      </dl>
      {labels.length > 0 && (
        <>
          <h3 className={classes.subtitle}>Labels</h3>
          <Pairs values={image.labels} />
        </>
      )}
    </>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Pairs({ values }: { values: Record<string, string> }) {
  return (
    <dl className={classes.configuration}>
      {Object.entries(values).map(([name, value]) => (
        <Row key={name} name={name}>
          {value}
        </Row>
      ))}
    </dl>
  );
}

export function Annotations({ title, values }: { title: string; values: Record<string, string> }) {
  if (Object.keys(values).length === 0) return null;
  return (
    <Section title={title}>
      <Pairs values={values} />
    </Section>
  );
}
