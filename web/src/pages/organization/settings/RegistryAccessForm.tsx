import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { notifyDone } from '@/components/notify';
import { Query } from '@/components/Query';
import classes from '@/components/Form.module.css';

type Management = Schemas['RegistryAccessManagement'];
type Registry = Schemas['CustomRegistry'];

interface RowProps {
  registry: Registry;
  at: number;
  disabled: boolean;
  onChange: (registry: Registry) => void;
  onRemove: () => void;
}

function RegistryRow({ registry, at, disabled, onChange, onRemove }: RowProps) {
  return (
    <div className={classes.row}>
      <TextInput
        className={classes.grow}
        aria-label={`Address ${at + 1}`}
        placeholder="registry.example.com"
        required
        maxLength={255}
        disabled={disabled}
        value={registry.address}
        onChange={(event) => onChange({ ...registry, address: event.currentTarget.value })}
      />
      <TextInput
        className={classes.grow}
        aria-label={`Name ${at + 1}`}
        placeholder="Name"
        maxLength={100}
        disabled={disabled}
        value={registry.friendly_name}
        onChange={(event) => onChange({ ...registry, friendly_name: event.currentTarget.value })}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        disabled={disabled}
        aria-label={`Remove registry ${at + 1}`}
        onClick={onRemove}
      >
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}

function Fields({ org, saved }: { org: string; saved: Management }) {
  const queries = useQueryClient();
  const [values, setValues] = useState(saved);
  const registries = values.custom_registries;
  const setRegistries = (custom_registries: Registry[]) => setValues({ ...values, custom_registries });
  const save = useMutation({
    mutationFn: () =>
      call(
        api.PUT('/v2/orgs/{org_name}/settings/registry-access-management', {
          params: { path: { org_name: org } },
          body: values,
        }),
      ),
    onSuccess: (updated) => {
      queries.setQueryData(['registry-access', org], updated);
      notifyDone('Registry access saved');
    },
  });
  return (
    <Form mutation={save} submit="Save registry access">
      <Checkbox
        label="Restrict which registries members may use"
        checked={values.enabled}
        onChange={(event) => setValues({ ...values, enabled: event.currentTarget.checked })}
      />
      {values.standard_registries.map(({ id, allowed }) => (
        <Checkbox
          key={id}
          label={`${id === 'DockerHub' ? 'Docker Hub' : id} is allowed`}
          disabled={!values.enabled}
          checked={allowed}
          onChange={(event) =>
            setValues({
              ...values,
              standard_registries: values.standard_registries.map((each) =>
                each.id === id ? { ...each, allowed: event.currentTarget.checked } : each,
              ),
            })
          }
        />
      ))}
      {registries.map((registry, at) => (
        <RegistryRow
          key={at}
          registry={registry}
          at={at}
          disabled={!values.enabled}
          onChange={(changed) =>
            setRegistries(registries.map((each, index) => (index === at ? changed : each)))
          }
          onRemove={() => setRegistries(registries.filter((_, index) => index !== at))}
        />
      ))}
      <div>
        <Button
          variant="default"
          size="xs"
          disabled={!values.enabled}
          onClick={() => setRegistries([...registries, { address: '', friendly_name: '', allowed: true }])}
        >
          Allow another registry
        </Button>
      </div>
    </Form>
  );
}

export function RegistryAccessForm({ org }: { org: string }) {
  const query = useQuery({
    queryKey: ['registry-access', org],
    queryFn: () =>
      call(
        api.GET('/v2/orgs/{org_name}/settings/registry-access-management', {
          params: { path: { org_name: org } },
        }),
      ),
  });
  return <Query query={query}>{(data) => <Fields org={org} saved={data} />}</Query>;
}
