import { Button, TextInput } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { useSetup } from '@/api/session';
import { Ago } from '@/components/Ago';
import { FormError } from '@/components/FormError';
import { notifyDone, notifyError } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { Empty } from '@/components/States';
import { usePageTitle } from '@/lib/usePageTitle';
import classes from '@/components/Form.module.css';

function TestMail() {
  const [to, setTo] = useState('');
  const send = useMutation({
    mutationFn: () => call(api.POST('/api/berth/v1/admin/mail/test', { body: { to: to.trim() } })),
    onSuccess: () => notifyDone('The message is on its way'),
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <FormError error={send.error} />
      <div className={classes.row}>
        <TextInput
          className={classes.grow}
          label="Send a test message to"
          type="email"
          required
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Button type="submit" loading={send.isPending}>
          Send
        </Button>
      </div>
    </form>
  );
}

export function Component() {
  usePageTitle('Mail', 'Administration');
  const setup = useSetup();
  const queries = useQueryClient();
  const mail = useQuery({
    queryKey: ['held-mail'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/mail')),
  });
  const remove = useMutation({
    mutationFn: (mail_id: string) =>
      call(api.DELETE('/api/berth/v1/admin/mail/{mail_id}', { params: { path: { mail_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['held-mail'] }),
    onError: notifyError,
  });
  return (
    <Page
      title="Mail"
      description="Messages that wait because no mail server is configured. Hand their links over yourself."
    >
      {setup?.mail_configured && (
        <Section title="Test">
          <TestMail />
        </Section>
      )}
      <Query query={mail}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon={<IconMail size={30} />} title="No message waits">
              {setup?.mail_configured
                ? undefined
                : 'Set the mail server in the configuration to send messages.'}
            </Empty>
          ) : (
            data.items.map((item) => (
              <Section
                key={item.id}
                title={item.subject}
                description={
                  <>
                    to {item.to}, <Ago time={item.created_at} />
                  </>
                }
                actions={
                  <Button size="xs" variant="default" onClick={() => remove.mutate(item.id)}>
                    Delete
                  </Button>
                }
              >
                <pre style={{ margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{item.text}</pre>
              </Section>
            ))
          )
        }
      </Query>
    </Page>
  );
}
