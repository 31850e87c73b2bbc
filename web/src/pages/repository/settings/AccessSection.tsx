import type { Repository } from '../queries';
import { CollaboratorsSection } from './CollaboratorsSection';
import { TeamsSection } from './TeamsSection';

export function AccessSection({ repository }: { repository: Repository }) {
  return repository.namespace_type === 'Organization' ? (
    <TeamsSection repository={repository} />
  ) : (
    <CollaboratorsSection repository={repository} />
  );
}
