import { useParams } from 'react-router-dom';
import { roleIn, useSession } from '@/api/session';

// The organization of the address and what the caller is in it.
export function useOrganization() {
  const { org = '' } = useParams();
  const session = useSession();
  const role = roleIn(session, org);
  return { org, role, isOwner: role === 'owner', path: { org_name: org } };
}
