import { Checkbox, NativeSelect, NumberInput, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';
import { ServerNameInput, SignUpSelect } from './fields';

function SettingsForm({ settings }: { settings: Schemas['ServerSettings'] }) {
  const [values, setValues] = useState(settings);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => call(api.PATCH('/api/berth/v1/admin/settings', { body: values })),
    onSuccess: (updated) => {
      queries.setQueryData(['server-settings'], updated);
      notifyDone('Settings saved');
      return queries.invalidateQueries({ queryKey: ['setup'] });
    },
  });
  const errors = fieldErrors(save.error);
  return (
    <Form mutation={save} submit="Save settings">
      <ServerNameInput
        value={values.server_name}
        error={errors.server_name}
        onChange={(server_name) => setValues({ ...values, server_name })}
      />
      <SignUpSelect value={values.sign_up} onChange={(sign_up) => setValues({ ...values, sign_up })} />
      <NativeSelect
        label="Who creates organizations"
        data={[
          { value: 'everyone', label: 'Every user' },
          { value: 'administrators', label: 'Administrators' },
        ]}
        value={values.create_organizations}
        onChange={(event) =>
          setValues({
            ...values,
            create_organizations: event.currentTarget.value as typeof values.create_organizations,
          })
        }
      />
      <NativeSelect
        label="New repositories are"
        data={['public', 'private']}
        value={values.default_repo_visibility}
        onChange={(event) =>
          setValues({
            ...values,
            default_repo_visibility: event.currentTarget.value as Schemas['Visibility'],
          })
        }
      />
      <Textarea
        label="Announcement"
        autosize
        minRows={2}
        maxLength={1000}
        value={values.announcement}
        onChange={(event) => setValues({ ...values, announcement: event.currentTarget.value })}
      />
    </Form>
  );
}

const toLimit = (value: string | number) => (value === '' ? null : Number(value));

function LimitsForm({ limits }: { limits: Schemas['LimitSettings'] }) {
  const [values, setValues] = useState(limits);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => call(api.PUT('/api/berth/v1/admin/limits', { body: values })),
    onSuccess: (updated) => {
      queries.setQueryData(['limits'], updated);
      notifyDone('Limits saved');
    },
  });
  return (
    <Form mutation={save} submit="Save limits">
      <Checkbox
        label="Limit pulls"
        description="For accounts by their plan, for others as below."
        checked={values.pull_limits_enabled}
        onChange={(event) => setValues({ ...values, pull_limits_enabled: event.currentTarget.checked })}
      />
      <NumberInput
        label="Pulls of a visitor in a window"
        description="Empty: no limit."
        min={0}
        value={values.anonymous_pull_limit ?? ''}
        onChange={(value) => setValues({ ...values, anonymous_pull_limit: toLimit(value) })}
      />
      <NumberInput
        label="Window in seconds"
        min={1}
        required
        value={values.anonymous_pull_window}
        onChange={(value) =>
          setValues({ ...values, anonymous_pull_window: Number(value) || values.anonymous_pull_window })
        }
      />
      <NumberInput
        label="Hub API requests a minute"
        description="Empty: no limit."
        min={1}
        value={values.hub_api_requests_per_minute ?? ''}
        onChange={(value) => setValues({ ...values, hub_api_requests_per_minute: toLimit(value) })}
      />
      <NumberInput
        label="Registry requests a minute"
        description="Empty: no limit."
        min={1}
        value={values.registry_requests_per_minute ?? ''}
        onChange={(value) => setValues({ ...values, registry_requests_per_minute: toLimit(value) })}
      />
    </Form>
  );
}

export function Component() {
  usePageTitle('Settings and limits', 'Administration');
  const settings = useQuery({
    queryKey: ['server-settings'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/settings')),
  });
  const limits = useQuery({
    queryKey: ['limits'],
    queryFn: () => call(api.GET('/api/berth/v1/admin/limits')),
  });
  return (
    <Page title="Settings and limits">
      <Section title="Settings">
        <Query query={settings}>{(data) => <SettingsForm settings={data} />}</Query>
      </Section>
      <Section title="Limits">
        <Query query={limits}>{(data) => <LimitsForm limits={data} />}</Query>
      </Section>
    </Page>
  );
}
