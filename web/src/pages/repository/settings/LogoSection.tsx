import { Button, FileButton, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { useSession } from '@/api/session';
import { Avatar } from '@/components/Avatar';
import { BadgeSelect } from '@/components/BadgeSelect';
import { FormError } from '@/components/FormError';
import { notifyDone, notifyError } from '@/components/notify';
import { Section } from '@/components/Page';
import { TrustBadge } from '@/components/TrustBadge';
import { pathOf, type Repository } from '../queries';
import classes from '@/components/Form.module.css';

function Badge({ repository }: { repository: Repository }) {
  const queries = useQueryClient();
  const session = useSession();
  if (!session?.user.is_admin || repository.namespace === 'library') {
    return <TrustBadge badge={repository.badge} />;
  }
  return (
    <div>
      <BadgeSelect
        name={`${repository.namespace}/${repository.name}`}
        badge={repository.badge}
        assign={(badge: Schemas['Badge']) =>
          call(
            api.PUT('/api/berth/v1/admin/repositories/{namespace}/{repository}/badge', {
              params: { path: pathOf(repository) },
              body: { badge },
            }),
          )
        }
        onDone={() =>
          queries.invalidateQueries({ queryKey: ['repository', repository.namespace, repository.name] })
        }
      />
    </div>
  );
}

function Logo({ repository }: { repository: Repository }) {
  const queries = useQueryClient();
  const params = { path: { repository_path: `${repository.namespace}/${repository.name}` } };
  const changed = (message: string) => () => {
    notifyDone(message);
    return queries.invalidateQueries({ queryKey: ['repository', repository.namespace, repository.name] });
  };
  const upload = useMutation({
    mutationFn: (file: File) =>
      call(
        api.POST('/api/media/repos_logo/v1/{repository_path}/upload', {
          params,
          headers: { 'Content-Type': 'image/png' },
          body: file as unknown as string,
          bodySerializer: (body: unknown) => body as BodyInit,
        }),
      ),
    onSuccess: changed('Logo changed'),
  });
  const remove = useMutation({
    mutationFn: () => call(api.DELETE('/api/media/repos_logo/v1/{repository_path}', { params })),
    onSuccess: changed('Logo removed'),
    onError: notifyError,
  });
  return (
    <>
      <FormError error={upload.error} />
      <Group gap="sm">
        <Avatar name={repository.name} size={60} logo={repository.logo_url.large} />
        <FileButton accept="image/png" onChange={(file) => file && upload.mutate(file)}>
          {(props) => (
            <Button {...props} variant="default" loading={upload.isPending}>
              Choose a logo
            </Button>
          )}
        </FileButton>
        {repository.logo_url.large && (
          <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove the logo
          </Button>
        )}
      </Group>
      <p className={classes.dim}>A square PNG of 120 by 120 pixels.</p>
    </>
  );
}

// The trust badge, which the administrator gives, and the logo, which a repository with a badge may have.
export function LogoSection({ repository }: { repository: Repository }) {
  const session = useSession();
  if (repository.badge === 'none' && !session?.user.is_admin) return null;
  return (
    <Section title="Badge and logo">
      <Badge repository={repository} />
      {repository.badge !== 'none' && <Logo repository={repository} />}
    </Section>
  );
}
