import { useOutletContext } from 'react-router-dom';
import type { Session } from '@/api/session';
import { Page, Section } from '@/components/Page';
import { NamespaceStorage } from '@/components/storage/NamespaceStorage';
import { PlanUsage } from '@/components/storage/PlanUsage';
import { usePageTitle } from '@/lib/usePageTitle';

export function Component() {
  usePageTitle('Storage and plan');
  const { user } = useOutletContext<Session>();
  return (
    <Page title="Storage and plan">
      <Section title="Plan">
        <PlanUsage namespace={user.username} />
      </Section>
      <Section title="Storage">
        <NamespaceStorage namespace={user.username} />
      </Section>
    </Page>
  );
}
