import { Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schemas } from '@/api/client';
import { Form } from '@/components/Form';
import { notifyDone } from '@/components/notify';
import { Query } from '@/components/Query';

function Fields({ org, settings }: { org: string; settings: Schemas['OrganizationSettings'] }) {
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
    <Form mutation={save} submit="Save image access">
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
    </Form>
  );
}

export function ImageAccessForm({ org }: { org: string }) {
  const settings = useQuery({
    queryKey: ['org-settings', org],
    queryFn: () => call(api.GET('/v2/orgs/{org_name}/settings', { params: { path: { org_name: org } } })),
  });
  return <Query query={settings}>{(data) => <Fields org={org} settings={data} />}</Query>;
}
