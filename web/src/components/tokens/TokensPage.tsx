// The page of access tokens, of a person or of an organization.
import { Button } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useRegistryHost } from '@/api/session';
import { CommandBox } from '@/components/CommandBox';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { notifyDone, notifyError } from '@/components/notify';
import { Page } from '@/components/Page';
import { Query } from '@/components/Query';
import { SecretDialog } from '@/components/SecretDialog';
import { Empty } from '@/components/States';
import { TokenTable, type Token } from './TokenTable';
import classes from '@/components/Form.module.css';

interface DialogProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (secret: string) => void;
}

interface Props {
  description: string;
  // What to sign in with, with a token as the password.
  username: string;
  hint: string;
  noteTitle: string;
  query: UseQueryResult<Token[]>;
  // The list to load again after a change.
  queryKey: string[];
  setActive: (token: Token) => Promise<unknown>;
  remove: (token: Token) => Promise<unknown>;
  renderDialog: (props: DialogProps) => ReactNode;
}

export function TokensPage({ description, username, hint, query, queryKey, ...props }: Props) {
  const command = `docker login ${useRegistryHost()} --username ${username}`;
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Token | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey });
  const toggle = useMutation({ mutationFn: props.setActive, onSuccess: refresh, onError: notifyError });
  const remove = useMutation({
    mutationFn: props.remove,
    onSuccess: () => {
      setDeleting(null);
      notifyDone('Token deleted');
      return refresh();
    },
  });
  return (
    <Page
      title="Access tokens"
      description={description}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
          Create token
        </Button>
      }
    >
      <Query query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty icon={<IconKey size={30} />} title="No tokens yet" commands={[command]}>
              {hint}
            </Empty>
          ) : (
            <TokenTable
              tokens={tokens}
              noteTitle={props.noteTitle}
              onToggle={toggle.mutate}
              onDelete={setDeleting}
            />
          )
        }
      </Query>
      {props.renderDialog({
        opened: creating,
        onClose: () => setCreating(false),
        onCreated: (created) => {
          setCreating(false);
          setSecret(created);
          void refresh();
        },
      })}
      <SecretDialog secret={secret} title="The new token" onClose={() => setSecret(null)}>
        <p className={classes.dim}>Use it as the password:</p>
        <CommandBox command={command} />
      </SecretDialog>
      <ConfirmDialog
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting && remove.mutate(deleting)}
        title="Delete token"
        confirm="Delete token"
        busy={remove.isPending}
        error={remove.error}
      >
        <p className={classes.dim}>
          Whatever signs in with <strong>{deleting?.label}</strong> stops working at once.
        </p>
      </ConfirmDialog>
    </Page>
  );
}
