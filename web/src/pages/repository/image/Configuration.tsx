import type { Schemas } from '@/api/client';
import { Digest } from '@/components/Digest';
import { Facts, type Fact } from '@/components/Facts';
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

const pairsOf = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]): Fact => [name, value || 'empty']);

export function Configuration({ configuration: image }: { configuration: Schemas['ImageConfiguration'] }) {
  const facts: Fact[] = [
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
  return (
    <>
      <Facts facts={facts} />
      {Object.keys(image.labels).length > 0 && (
        <>
          <h3 className={classes.subtitle}>Labels</h3>
          <Facts facts={pairsOf(image.labels)} />
        </>
      )}
    </>
  );
}

export function Annotations({ title, values }: { title: string; values: Record<string, string> }) {
  if (Object.keys(values).length === 0) return null;
  return (
    <Section title={title}>
      <Facts facts={pairsOf(values)} />
    </Section>
  );
}
