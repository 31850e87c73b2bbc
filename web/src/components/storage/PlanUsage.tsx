import { Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '@/api/client';
import { Query } from '@/components/Query';
import { formatBytes, formatDuration, formatNumber } from '@/lib/format';
import classes from './PlanUsage.module.css';

// How Docker Hub writes that seats have no limit.
const unlimitedSeats = 9999;

interface Meter {
  label: string;
  used: number;
  limit: number | null;
  format?: (value: number) => string;
}

function metersOf(usage: Schemas['NamespaceUsage']): Meter[] {
  const { plan } = usage;
  return [
    ...(plan.for_organizations
      ? [
          {
            label: 'Seats',
            used: usage.seats_used,
            limit: usage.seats_total < unlimitedSeats ? usage.seats_total : null,
          },
        ]
      : []),
    { label: 'Private repositories', used: usage.private_repositories, limit: plan.private_repositories },
    ...(plan.for_organizations ? [{ label: 'Teams', used: usage.teams, limit: plan.teams }] : []),
    {
      label: 'Access tokens',
      used: usage.access_tokens,
      limit: plan.for_organizations ? plan.org_access_tokens : plan.access_tokens,
    },
    { label: 'Storage', used: usage.storage.own, limit: plan.storage_bytes, format: formatBytes },
    ...(usage.pull_limit
      ? [
          {
            label: `Pulls in ${formatDuration(usage.pull_limit.window)}`,
            used: usage.pulls_in_window,
            limit: usage.pull_limit.limit,
          },
        ]
      : []),
  ];
}

function MeterView({ meter: { label, used, limit, format = formatNumber } }: { meter: Meter }) {
  const share = limit ? Math.min(100, (used / limit) * 100) : 0;
  return (
    <div className={classes.meter}>
      <span>{label}</span>
      <span className="number">
        {format(used)} {limit === null ? '' : `of ${format(limit)}`}
      </span>
      {limit !== null && (
        <Progress
          value={share}
          color={share >= 90 ? 'red.8' : undefined}
          aria-label={`${label} used`}
          className={classes.bar}
        />
      )}
    </div>
  );
}

// What a namespace uses of what its plan gives.
export function PlanUsage({ namespace }: { namespace: string }) {
  const usage = useQuery({
    queryKey: ['usage', namespace],
    queryFn: () =>
      call(api.GET('/api/berth/v1/namespaces/{namespace}/usage', { params: { path: { namespace } } })),
  });
  return (
    <Query query={usage}>
      {(data) => (
        <div className={classes.usage}>
          <p className={classes.plan}>
            Plan <strong>{data.plan.label}</strong>; what has no limit shows none.
          </p>
          {metersOf(data).map((meter) => (
            <MeterView key={meter.label} meter={meter} />
          ))}
        </div>
      )}
    </Query>
  );
}
