import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { FormError } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { Query } from '@/components/Query';
import classes from '@/components/Form.module.css';

function Form({ org, settings }: { org: string; settings: Schemas['OrganizationSettings'] }) {
  const queries = useQueryClient();
  const [values, setValues] = useState(settings.restricted_images);
  const save = useMutation({
    mutationFn: () =>
      call(
        api.PUT('/v2/orgs/{org_name}/settings', {
          params: { path: { org_name: org } },
          body: { restricted_images: values },
        }),
      ),
    onSuccess: (updated) => {
      queries.setQueryData(['org-settings', org], updated);
      notifyDone('Image access saved');
    },
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <FormError error={save.error} />
      <Checkbox
        label="Restrict public images"
        checked={values.enabled}
        onChange={(event) => setValues({ ...values, enabled: event.currentTarget.checked })}
      />
      <Checkbox
        label="Official images are allowed"
        disabled={!values.enabled}
        checked={values.allow_official_images}
        onChange={(event) => setValues({ ...values, allow_official_images: event.currentTarget.checked })}
      />
      <Checkbox
        label="Images of verified publishers are allowed"
        disabled={!values.enabled}
        checked={values.allow_verified_publishers}
        onChange={(event) => setValues({ ...values, allow_verified_publishers: event.currentTarget.checked })}
      />
      <div>
        <Button type="submit" loading={save.isPending}>
          Save image access
        </Button>
      </div>
    </form>
  );
}

export function ImageAccessForm({ org }: { org: string }) {
  const settings = useQuery({
    queryKey: ['org-settings', org],
    queryFn: () => call(api.GET('/v2/orgs/{org_name}/settings', { params: { path: { org_name: org } } })),
  });
  return <Query query={settings}>{(data) => <Form org={org} settings={data} />}</Query>;
}
