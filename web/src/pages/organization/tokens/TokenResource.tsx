import { NativeSelect, Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import classes from '@/components/Form.module.css';

type Resource = Schemas['OrganizationAccessTokenResource'];

export const everyPublic = '*/*/public';

interface Props {
  org: string;
  resource: Resource;
  onChange: (resource: Resource) => void;
}

// Which repository a token opens, and whether it may push there.
export function TokenResource({ org, resource, onChange }: Props) {
  const repositories = useQuery({
    queryKey: ['repositories', org, 'for-token'],
    queryFn: () =>
      call(
        api.GET('/v2/namespaces/{namespace}/repositories', {
          params: { path: { namespace: org }, query: { page_size: 100, ordering: 'name' } },
        }),
      ),
  });
  const names = repositories.data?.results.map(({ name }) => `${org}/${name}`) ?? [];
  const pushes = resource.scopes.includes('scope-image-push');
  const set = (path: string, push: boolean) =>
    onChange({
      type: 'TYPE_REPO',
      path,
      scopes: push && path !== everyPublic ? ['scope-image-pull', 'scope-image-push'] : ['scope-image-pull'],
    });
  return (
    <>
      <NativeSelect
        label="Repository"
        value={resource.path}
        onChange={(event) => set(event.currentTarget.value, pushes)}
        data={[{ value: everyPublic, label: 'Every public repository' }, ...names]}
      />
      <Radio.Group
        label="Permission"
        value={pushes ? 'push' : 'pull'}
        onChange={(value) => set(resource.path, value === 'push')}
      >
        <div className={classes.choices}>
          <Radio value="pull" label="Pull" />
          <Radio value="push" label="Pull and push" disabled={resource.path === everyPublic} />
        </div>
      </Radio.Group>
    </>
  );
}
