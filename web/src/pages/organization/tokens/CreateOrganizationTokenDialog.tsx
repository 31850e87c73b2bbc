import { Button, Group, Modal, NativeSelect, Radio, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { fieldErrors, FormError } from '@/components/FormError';
import { expiryChoices, expiryTime } from '@/lib/expiry';
import classes from '@/components/Form.module.css';

interface Props {
  org: string;
  opened: boolean;
  onClose: () => void;
  onCreated: (token: string) => void;
}

const everyPublic = '*/*/public';

export function CreateOrganizationTokenDialog({ org, opened, onClose, onCreated }: Props) {
  const [label, setLabel] = useState('');
  const [repository, setRepository] = useState(everyPublic);
  const [push, setPush] = useState('pull');
  const [days, setDays] = useState('90');
  const repositories = useQuery({
    queryKey: ['repositories', org, 'for-token'],
    queryFn: () =>
      call(
        api.GET('/v2/namespaces/{namespace}/repositories', {
          params: { path: { namespace: org }, query: { page_size: 100, ordering: 'name' } },
        }),
      ),
    enabled: opened,
  });
  const scopes: Schemas['OrganizationAccessTokenScope'][] =
    push === 'push' ? ['scope-image-pull', 'scope-image-push'] : ['scope-image-pull'];
  const create = useMutation({
    mutationFn: () =>
      call(
        api.POST('/v2/orgs/{org_name}/access-tokens', {
          params: { path: { org_name: org } },
          body: {
            label,
            resources: [{ type: 'TYPE_REPO', path: repository, scopes }],
            expires_at: expiryTime(days),
          },
        }),
      ),
    onSuccess: (created) => {
      setLabel('');
      onCreated(created.token);
    },
  });
  const errors = fieldErrors(create.error);
  return (
    <Modal opened={opened} onClose={onClose} title="Create access token">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <FormError error={create.error} />
        <TextInput
          label="Name"
          required
          maxLength={100}
          value={label}
          error={errors.label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          data-autofocus
        />
        <NativeSelect
          label="Repository"
          value={repository}
          error={errors.resources}
          onChange={(event) => setRepository(event.currentTarget.value)}
          data={[
            { value: everyPublic, label: 'Every public repository' },
            ...(repositories.data?.results.map(({ name }) => ({
              value: `${org}/${name}`,
              label: `${org}/${name}`,
            })) ?? []),
          ]}
        />
        <Radio.Group label="Permission" value={push} onChange={setPush}>
          <div className={classes.choices}>
            <Radio value="pull" label="Pull" />
            <Radio value="push" label="Pull and push" disabled={repository === everyPublic} />
          </div>
        </Radio.Group>
        <NativeSelect
          label="Expires"
          data={expiryChoices}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
