import { Failure } from '@/components/States';
import { shortName } from '@/lib/names';
import { usePageTitle } from '@/lib/usePageTitle';
import { useRepositoryContext } from '../queries';
import { AccessSection } from './AccessSection';
import { CategoriesSection } from './CategoriesSection';
import { DangerSection } from './DangerSection';
import { DescriptionSection } from './DescriptionSection';
import { LogoSection } from './LogoSection';
import { ImmutableTagsSection } from './ImmutableTagsSection';
import classes from './Settings.module.css';

export function Component() {
  const repository = useRepositoryContext();
  usePageTitle('Settings', shortName(repository));
  if (!repository.permissions.admin) {
    return (
      <Failure
        error={new Error('Only those with admin permission on this repository can change its settings.')}
      />
    );
  }
  const key = `${repository.namespace}/${repository.name}`;
  return (
    <div className={classes.page} key={key}>
      <DescriptionSection repository={repository} />
      <CategoriesSection repository={repository} />
      <LogoSection repository={repository} />
      <ImmutableTagsSection repository={repository} />
      <AccessSection repository={repository} />
      <DangerSection repository={repository} />
    </div>
  );
}
