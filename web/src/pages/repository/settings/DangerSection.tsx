import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call } from '@/api/client';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { notifyDone, notifyError } from '@/components/notify';
import { Section } from '@/components/Page';
import { namespacePath, shortName } from '@/lib/names';
import { pathOf, useUpdateRepository, type Repository } from '../queries';
import classes from './Settings.module.css';

function Row({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className={classes.danger}>
      <div>
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
      {children}
    </div>
  );
}

export function DangerSection({ repository }: { repository: Repository }) {
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const update = useUpdateRepository(repository);
  const path = pathOf(repository);
  const remove = useMutation({
    mutationFn: () =>
      call(api.DELETE('/v2/namespaces/{namespace}/repositories/{repository}', { params: { path } })),
    onSuccess: () => {
      notifyDone(`${shortName(repository)} deleted`);
      // Not loaded again by the page that is about to go.
      const queryKey = ['repository', repository.namespace, repository.name];
      void queries.invalidateQueries({ queryKey, refetchType: 'none' });
      for (const list of ['repositories', 'search']) void queries.invalidateQueries({ queryKey: [list] });
      navigate(namespacePath(repository.namespace));
    },
  });
  const archived = repository.status === 0;
  const change = (body: Parameters<typeof update.mutate>[0], done: string) =>
    update.mutate(body, { onSuccess: () => notifyDone(done), onError: notifyError });
  return (
    <Section title="Visibility, archive, delete">
      <Row
        title={repository.is_private ? 'Private' : 'Public'}
        text={
          repository.is_private
            ? 'Only those with permission see and pull it.'
            : 'Everybody can see and pull it.'
        }
      >
        <Button
          variant="default"
          loading={update.isPending}
          onClick={() =>
            change(
              { is_private: !repository.is_private },
              repository.is_private ? 'Now public' : 'Now private',
            )
          }
        >
          {repository.is_private ? 'Make public' : 'Make private'}
        </Button>
      </Row>
      <Row
        title={archived ? 'Archived' : 'Archive'}
        text={
          archived ? 'Can be pulled, cannot be pushed to.' : 'Read only: pulls go on, pushes are refused.'
        }
      >
        <Button
          variant="default"
          loading={update.isPending}
          onClick={() =>
            change({ status: archived ? 1 : 0 }, archived ? 'Taken out of the archive' : 'Archived')
          }
        >
          {archived ? 'Take out of the archive' : 'Archive'}
        </Button>
      </Row>
      <Row title="Delete" text="Deletes the repository with all its tags and images. This cannot be undone.">
        <Button color="red.8" onClick={() => setDeleting(true)}>
          Delete repository
        </Button>
      </Row>
      <ConfirmDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutate()}
        title="Delete repository"
        confirm="Delete repository"
        phrase={shortName(repository)}
        busy={remove.isPending}
        error={remove.error}
      >
        <p style={{ margin: 0 }}>
          All tags and images of <strong>{shortName(repository)}</strong> go. Whoever pulls them will get an
          error.
        </p>
      </ConfirmDialog>
    </Section>
  );
}
