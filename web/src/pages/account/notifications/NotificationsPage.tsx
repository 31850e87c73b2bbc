import { Button } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { Ago } from '@/components/Ago';
import { Link } from '@/components/Link';
import { notifyDone, notifyError } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { RequireSession } from '@/components/RequireSession';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from './Notifications.module.css';

function Invitations() {
  const queries = useQueryClient();
  const invitations = useQuery({
    queryKey: ['my-invitations'],
    queryFn: () => call(api.GET('/api/berth/v1/user/invitations')),
  });
  const decide = useMutation({
    mutationFn: ({ id, accept }: { id: string; accept: boolean }) => {
      const params = { params: { path: { invite_id: id } } };
      return accept
        ? call<unknown>(api.POST('/api/berth/v1/user/invitations/{invite_id}/accept', params))
        : call<unknown>(api.POST('/api/berth/v1/user/invitations/{invite_id}/decline', params));
    },
    onSuccess: (_, { accept }) => {
      notifyDone(accept ? 'Welcome to the organization' : 'Invitation declined');
      return Promise.all(
        ['my-invitations', 'session'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
    },
    onError: notifyError,
  });
  const items = invitations.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Invitations">
      {items.map((item) => (
        <div key={item.id} className={classes.item}>
          <span>
            <strong>{item.inviter}</strong> invites you to <strong>{item.org.orgname}</strong> as{' '}
            {item.role.toLowerCase()}
          </span>
          <span className={classes.actions}>
            <Button size="xs" onClick={() => decide.mutate({ id: item.id, accept: true })}>
              Accept
            </Button>
            <Button size="xs" variant="default" onClick={() => decide.mutate({ id: item.id, accept: false })}>
              Decline
            </Button>
          </span>
        </div>
      ))}
    </Section>
  );
}

function Item({ item }: { item: Schemas['Notification'] }) {
  return (
    <li className={classes.item} data-unread={!item.read || undefined}>
      <div>
        {item.link.startsWith('/') ? <Link to={item.link}>{item.title}</Link> : <strong>{item.title}</strong>}
        {item.body && <p className={classes.body}>{item.body}</p>}
      </div>
      <span className={classes.body}>
        <Ago time={item.created_at} />
      </span>
    </li>
  );
}

function Contents() {
  const queries = useQueryClient();
  const notifications = useQuery({
    queryKey: ['notifications'],
    queryFn: () => call(api.GET('/api/berth/v1/user/notifications', { params: { query: { limit: 100 } } })),
  });
  const read = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/user/notifications/read', { body: {} })),
    onSuccess: () =>
      Promise.all(['notifications', 'session'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
    onError: notifyError,
  });
  return (
    <Page
      title="Notifications"
      actions={
        <Button
          variant="default"
          disabled={!notifications.data?.unread}
          loading={read.isPending}
          onClick={() => read.mutate()}
        >
          Mark all read
        </Button>
      }
    >
      <Invitations />
      <Query query={notifications}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon={<IconBell size={30} />} title="Nothing new">
              Invitations, device logins and tokens that end soon are announced here.
            </Empty>
          ) : (
            <ul className={classes.list}>
              {data.items.map((item) => (
                <Item key={item.id} item={item} />
              ))}
            </ul>
          )
        }
      </Query>
    </Page>
  );
}

export function Component() {
  usePageTitle('Notifications');
  return <RequireSession>{() => <Contents />}</RequireSession>;
}
