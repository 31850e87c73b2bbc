import { Checkbox, Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import classes from './PlanDialog.module.css';

type Fields = Schemas['CreatePlanRequest'];

const empty: Fields = {
  name: '',
  label: '',
  enabled: true,
  is_default: false,
  for_organizations: false,
  seats: null,
  private_repositories: null,
  private_collaborators: null,
  teams: null,
  access_tokens: null,
  org_access_tokens: null,
  parallel_builds: null,
  storage_bytes: null,
  pull_limit: null,
  pull_window: 21_600,
  audit_log: true,
  scim: true,
  image_access: true,
  registry_access: true,
  custom_roles: true,
};

const numbers = [
  ['seats', 'Seats'],
  ['private_repositories', 'Private repositories'],
  ['private_collaborators', 'Collaborators on private repositories'],
  ['teams', 'Teams'],
  ['access_tokens', 'Access tokens'],
  ['org_access_tokens', 'Organization access tokens'],
  ['storage_bytes', 'Storage in bytes'],
  ['pull_limit', 'Pulls in a window'],
] as const;
const switches = [
  ['audit_log', 'Audit log'],
  ['scim', 'SCIM'],
  ['image_access', 'Image access management'],
  ['registry_access', 'Registry access management'],
  ['custom_roles', 'Custom roles'],
  ['enabled', 'Can be assigned'],
  ['is_default', 'Given to new accounts'],
] as const;

export function PlanDialog({ plan, onClose }: { plan: Schemas['Plan'] | null; onClose: () => void }) {
  const [values, setValues] = useState<Fields>(() => (plan ? { ...plan } : empty));
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      plan
        ? call(
            api.PUT('/api/berth/v1/admin/plans/{plan_name}', {
              params: { path: { plan_name: plan.name } },
              body: values,
            }),
          )
        : call(api.POST('/api/berth/v1/admin/plans', { body: values })),
    onSuccess: () => {
      notifyDone('Plan saved');
      onClose();
      return queries.invalidateQueries({ queryKey: ['plans'] });
    },
  });
  const errors = fieldErrors(save.error);
  return (
    <Modal opened onClose={onClose} title={plan ? `Plan ${plan.label}` : 'Create plan'} size="lg">
      <Form mutation={save} submit="Save plan" onCancel={onClose}>
        <div className={classes.grid}>
          <TextInput
            label="Name"
            required
            disabled={plan !== null}
            pattern="[a-z0-9]+(-[a-z0-9]+)*"
            title="Small letters and digits, separated by dashes"
            value={values.name}
            error={errors.name}
            onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
          />
          <TextInput
            label="Label"
            required
            value={values.label}
            error={errors.label}
            onChange={(event) => setValues({ ...values, label: event.currentTarget.value })}
          />
          <NativeSelect
            label="For"
            data={[
              { value: 'users', label: 'Users' },
              { value: 'organizations', label: 'Organizations' },
            ]}
            value={values.for_organizations ? 'organizations' : 'users'}
            onChange={(event) =>
              setValues({ ...values, for_organizations: event.currentTarget.value === 'organizations' })
            }
          />
          {numbers.map(([name, label]) => (
            <NumberInput
              key={name}
              label={label}
              placeholder="no limit"
              min={0}
              value={values[name] ?? ''}
              error={errors[name]}
              onChange={(value) => setValues({ ...values, [name]: value === '' ? null : Number(value) })}
            />
          ))}
          <NumberInput
            label="Window of pulls in seconds"
            min={1}
            value={values.pull_window}
            onChange={(value) => setValues({ ...values, pull_window: Number(value) || values.pull_window })}
          />
        </div>
        <div className={classes.grid}>
          {switches.map(([name, label]) => (
            <Checkbox
              key={name}
              label={label}
              checked={values[name] ?? false}
              onChange={(event) => setValues({ ...values, [name]: event.currentTarget.checked })}
            />
          ))}
        </div>
      </Form>
    </Modal>
  );
}
