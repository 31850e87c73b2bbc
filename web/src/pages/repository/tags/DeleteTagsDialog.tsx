import { useMutation, useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { isStatus } from '@/api/errors';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { notifyDone } from '@/components/notify';
import { Query } from '@/components/Query';
import { LoadingRows } from '@/components/States';
import { formatBytes, plural } from '@/lib/format';
import { shortName } from '@/lib/names';
import { pathOf, useInvalidateTags, type Repository } from '../queries';
import classes from './DeleteTagsDialog.module.css';

interface Props {
  repository: Repository;
  // The tags to delete; null: closed.
  tags: string[] | null;
  onClose: () => void;
  onDone: () => void;
}

const reasons = { immutable: 'immutable', not_found: 'already gone', permission: 'not allowed' };

function Names({ names }: { names: string[] }) {
  const shown = names.slice(0, 30);
  return (
    <p className={classes.names}>
      {shown.map((name) => (
        <code key={name}>{name}</code>
      ))}
      {names.length > shown.length && (
        <span>and {plural(names.length - shown.length, 'other', 'others')}</span>
      )}
    </p>
  );
}

function Preview({ preview }: { preview: Schemas['DeletePreview'] }) {
  return (
    <div className={classes.preview}>
      <h3>{plural(preview.tags.length, 'tag')} will be deleted</h3>
      <Names names={preview.tags} />
      {preview.kept.length > 0 && (
        <>
          <h3>{plural(preview.kept.length, 'tag')} will stay</h3>
          <ul className={classes.kept}>
            {preview.kept.slice(0, 30).map(({ tag, reason }) => (
              <li key={tag}>
                <code>{tag}</code> {reasons[reason]}
              </li>
            ))}
          </ul>
        </>
      )}
      <dl className={classes.facts}>
        <dt>Images that go with them</dt>
        <dd>{plural(preview.manifests.length, 'manifest')}</dd>
        <dt>Signatures, SBOMs and other referrers</dt>
        <dd>{preview.referrers.length}</dd>
        <dt>Storage freed after the grace time</dt>
        <dd>
          <strong>{formatBytes(preview.freed)}</strong>
        </dd>
      </dl>
      <p className={classes.note}>Images that another tag or index still uses stay. This cannot be undone.</p>
    </div>
  );
}

// Shows what goes and what is freed before anything is deleted; deletes exactly that or nothing.
export function DeleteTagsDialog({ repository, tags, onClose, onDone }: Props) {
  const invalidate = useInvalidateTags(repository);
  const path = pathOf(repository);
  const preview = useQuery({
    queryKey: ['delete-preview', path, tags],
    queryFn: () =>
      call(
        api.POST('/api/berth/v1/repositories/{namespace}/{repository}/delete-preview', {
          params: { path },
          body: { tags: tags ?? [] },
        }),
      ),
    enabled: tags !== null,
    gcTime: 0,
    staleTime: 0,
  });
  const remove = useMutation({
    mutationFn: (plan: Schemas['DeletePreview']) =>
      call(
        api.POST('/api/berth/v1/repositories/{namespace}/{repository}/delete', {
          params: { path },
          body: { plan: plan.plan, tags: plan.tags },
        }),
      ),
    onSuccess: async (result) => {
      notifyDone(`${plural(result.deleted_tags, 'tag')} deleted, ${formatBytes(result.freed)} to be freed`);
      await invalidate();
      onDone();
    },
    // The repository has changed since: look again before deciding.
    onError: (error) => isStatus(error, 409) && void preview.refetch(),
  });
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <ConfirmDialog
      opened={tags !== null}
      onClose={close}
      onConfirm={() => preview.data && remove.mutate(preview.data)}
      title={`Delete from ${shortName(repository)}`}
      confirm={preview.data ? `Delete ${plural(preview.data.tags.length, 'tag')}` : 'Delete'}
      busy={remove.isPending}
      disabled={!preview.data || preview.data.tags.length === 0}
      error={remove.error}
      size="lg"
    >
      <Query query={preview} loading={<LoadingRows rows={3} height={22} />}>
        {(data) => <Preview preview={data} />}
      </Query>
    </ConfirmDialog>
  );
}
