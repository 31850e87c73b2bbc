import { SegmentedControl } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useRegistryHost } from '@/api/session';
import { CommandBox } from '@/components/CommandBox';
import { imageReference, type RepositoryId } from '@/lib/names';
import classes from './Image.module.css';

interface Props {
  repository: RepositoryId;
  reference: string;
  digest: string;
  artifact: boolean;
}

const tools = {
  docker: (image: string) => `docker pull ${image}`,
  podman: (image: string) => `podman pull ${image}`,
  skopeo: (image: string) => `skopeo copy docker://${image} oci:image`,
  Kubernetes: (image: string) => `image: ${image}`,
};
type Tool = keyof typeof tools;

// The same image for each tool, by its tag and by its digest, which cannot change.
export function PullCommands({ repository, reference, digest, artifact }: Props) {
  const host = useRegistryHost();
  const [tool, setTool] = useLocalStorage<Tool>({ key: 'berth.pull-tool', defaultValue: 'docker' });
  const byTag = imageReference(host, repository, reference);
  const byDigest = imageReference(host, repository, digest);
  if (artifact) return <CommandBox command={`oras pull ${byTag}`} />;
  const command = tools[tool] ?? tools.docker;
  return (
    <section className={classes.commands} aria-label="Pull commands">
      <div>
        <SegmentedControl
          aria-label="Tool"
          size="xs"
          value={tool}
          onChange={(value) => setTool(value as Tool)}
          data={Object.keys(tools)}
        />
      </div>
      {byTag !== byDigest && <CommandBox command={command(byTag)} label="Copy pull command" />}
      <CommandBox command={command(byDigest)} label="Copy pull command by digest" />
    </section>
  );
}
