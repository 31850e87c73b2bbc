import { Page, Section } from '@/components/Page';
import { NamespaceStorage } from '@/components/storage/NamespaceStorage';
import { PlanUsage } from '@/components/storage/PlanUsage';
import { usePageTitle } from '@/lib/usePageTitle';
import { useOrganization } from '../useOrganization';

export function Component() {
  const { org } = useOrganization();
  usePageTitle('Plan and usage', org);
  return (
    <Page title="Plan and usage">
      <Section title="Plan" description="The administrator of this server assigns plans.">
        <PlanUsage namespace={org} />
      </Section>
      <Section title="Storage">
        <NamespaceStorage namespace={org} />
      </Section>
    </Page>
  );
}
