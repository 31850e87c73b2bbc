// What several groups of handlers need to find a repository.
import { repositories, tags } from './data.mjs';
import { HttpError } from './http-error.mjs';

export const visible = (context) => repositories.filter((each) => !each.is_private || context.user);

export function repositoryOf({ params: { namespace, repository } }) {
  const found = repositories.find((each) => each.namespace === namespace && each.name === repository);
  if (!found) throw new HttpError(404, 'object not found');
  return found;
}

export const tagsOf = (context) => tags.get(`${context.params.namespace}/${context.params.repository}`) ?? [];
