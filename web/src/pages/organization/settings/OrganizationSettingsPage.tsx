import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { Page, Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';
import { ImageAccessForm } from './ImageAccessForm';
import { RegistryAccessForm } from './RegistryAccessForm';
import classes from '@/components/Form.module.css';

const fields = [
  ['full_name', 'Full name'],
  ['company', 'Company'],
  ['location', 'Location'],
  ['profile_url', 'Web site'],
] as const;

function ProfileForm({ organization }: { organization: Schemas['Organization'] }) {
  const queries = useQueryClient();
  const [values, setValues] = useState(() =>
    Object.fromEntries(fields.map(([name]) => [name, organization[name]])),
  );
  const org = organization.orgname;
  const save = useMutation({
    mutationFn: () =>
      call(api.PATCH('/v2/orgs/{org_name}', { params: { path: { org_name: org } }, body: values })),
    onSuccess: (updated) => {
      queries.setQueryData(['organization', org], updated);
      notifyDone('Profile saved');
    },
  });
  const errors = fieldErrors(save.error);
  return (
    <Form mutation={save} submit="Save profile">
      {fields.map(([name, label]) => (
        <TextInput
          key={name}
          label={label}
          maxLength={255}
          value={values[name] ?? ''}
          error={errors[name]}
          onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
        />
      ))}
    </Form>
  );
}

function RulesForm({ org, settings }: { org: string; settings: Schemas['NamespaceSettings'] }) {
  const queries = useQueryClient();
  const [values, setValues] = useState(settings);
  const save = useMutation({
    mutationFn: () =>
      call(
        api.PATCH('/api/berth/v1/namespaces/{namespace}/settings', {
          params: { path: { namespace: org } },
          body: values,
        }),
      ),
    onSuccess: (updated) => {
      queries.setQueryData(['namespace-settings', org], updated);
      notifyDone('Rules saved');
    },
  });
  return (
    <Form mutation={save} submit="Save rules">
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
      <Checkbox
        label="Public repositories are allowed"
        checked={values.public_repositories_allowed}
        onChange={(event) =>
          setValues({ ...values, public_repositories_allowed: event.currentTarget.checked })
        }
      />
      <Checkbox
        label="Members need a second factor"
        description="Members without one lose access until they turn it on."
        checked={values.require_two_factor}
        onChange={(event) => setValues({ ...values, require_two_factor: event.currentTarget.checked })}
      />
    </Form>
  );
}

function DeleteOrganization({ org }: { org: string }) {
  const [opened, setOpened] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => call(api.DELETE('/v2/orgs/{org_name}', { params: { path: { org_name: org } } })),
    onSuccess: async () => {
      notifyDone('Organization deleted');
      await queries.invalidateQueries({ queryKey: ['session'] });
      navigate('/');
    },
  });
  return (
    <Section title="Delete the organization" description="Its repositories must be deleted before.">
      <div>
        <Button color="red.8" onClick={() => setOpened(true)}>
          Delete organization
        </Button>
      </div>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        onConfirm={() => remove.mutate()}
        title="Delete the organization"
        confirm="Delete organization"
        phrase={org}
        busy={remove.isPending}
        error={remove.error}
      >
        <p className={classes.dim}>Its teams, tokens and invitations go. This cannot be undone.</p>
      </ConfirmDialog>
    </Section>
  );
}

export function Component() {
  const { org, path } = useOrganization();
  usePageTitle('Settings', org);
  const organization = useQuery({
    queryKey: ['organization', org],
    queryFn: () => call(api.GET('/v2/orgs/{org_name}', { params: { path } })),
  });
  const settings = useQuery({
    queryKey: ['namespace-settings', org],
    queryFn: () =>
      call(
        api.GET('/api/berth/v1/namespaces/{namespace}/settings', { params: { path: { namespace: org } } }),
      ),
  });
  return (
    <Page title="Settings" key={org}>
      <Section title="Profile">
        <Query query={organization}>{(data) => <ProfileForm organization={data} />}</Query>
      </Section>
      <Section title="Rules">
        <Query query={settings}>{(data) => <RulesForm org={org} settings={data} />}</Query>
      </Section>
      <Section title="Image access" description="Which public images members may pull through this server.">
        <ImageAccessForm org={org} />
      </Section>
      <Section
        title="Registry access"
        description="Which other registries Docker Desktop of the members may use."
      >
        <RegistryAccessForm org={org} />
      </Section>
      <DeleteOrganization org={org} />
    </Page>
  );
}
