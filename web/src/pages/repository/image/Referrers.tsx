import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { useRegistryHost } from '@/api/session';
import { Ago } from '@/components/Ago';
import { CommandBox } from '@/components/CommandBox';
import { DataTable, type Column } from '@/components/DataTable';
import { Digest } from '@/components/Digest';
import { Link } from '@/components/Link';
import { Query } from '@/components/Query';
import { formatBytes } from '@/lib/format';
import { imagePath, imageReference } from '@/lib/names';
import { pathOf, type Repository } from '../queries';

type Referrer = Schemas['Referrer'];

const kinds = { signature: 'Signature', sbom: 'SBOM', attestation: 'Attestation', other: 'Artifact' };

export function Referrers({ repository, reference }: { repository: Repository; reference: string }) {
  const host = useRegistryHost();
  const query = useQuery({
    queryKey: ['referrers', repository.namespace, repository.name, reference],
    queryFn: () =>
      call(
        api.GET('/api/berth/v1/repositories/{namespace}/{repository}/images/{reference}/referrers', {
          params: { path: { ...pathOf(repository), reference }, query: { limit: 100 } },
        }),
      ),
  });
  const columns: Column<Referrer>[] = [
    {
      key: 'kind',
      title: 'Kind',
      render: (row) => <Link to={imagePath(repository, row.digest)}>{kinds[row.kind]}</Link>,
    },
    { key: 'type', title: 'Type', wide: true, render: (row) => <code>{row.artifact_type}</code> },
    { key: 'digest', title: 'Digest', render: (row) => <Digest value={row.digest} /> },
    { key: 'size', title: 'Size', numeric: true, render: (row) => formatBytes(row.size) },
    { key: 'pushed', title: 'Pushed', wide: true, render: (row) => <Ago time={row.pushed_at} /> },
  ];
  return (
    <Query query={query}>
      {(data) =>
        data.items.length === 0 ? (
          <>
            <p style={{ margin: 0 }}>None yet. Sign the image, for example:</p>
            <CommandBox command={`cosign sign ${imageReference(host, repository, reference)}`} />
          </>
        ) : (
          <DataTable label="Referrers" columns={columns} rows={data.items} rowKey={(row) => row.digest} />
        )
      }
    </Query>
  );
}
