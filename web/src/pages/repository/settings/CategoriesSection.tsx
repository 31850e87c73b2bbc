import { Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { Form } from '@/components/Form';
import { notifyDone } from '@/components/notify';
import { Section } from '@/components/Page';
import { Query } from '@/components/Query';
import { pathOf, type Repository } from '../queries';
import classes from './Settings.module.css';

const most = 3;

export function CategoriesSection({ repository }: { repository: Repository }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(repository.categories.map(({ slug }) => slug));
  const categories = useQuery({
    queryKey: ['categories'],
    queryFn: () => call(api.GET('/v2/categories')),
    staleTime: Infinity,
  });
  const save = useMutation({
    mutationFn: () =>
      call(
        api.PATCH('/v2/repositories/{namespace}/{repository}/categories', {
          params: { path: pathOf(repository) },
          body: chosen.map((slug) => ({ slug })),
        }),
      ),
    onSuccess: () => {
      notifyDone('Categories saved');
      return queries.invalidateQueries({ queryKey: ['repository', repository.namespace, repository.name] });
    },
  });
  return (
    <Section title="Categories" description="At most three; people filter the search by them.">
      <Query query={categories}>
        {(list) => (
          <Form mutation={save} submit="Save categories">
            <div className={classes.columns}>
              {list.map(({ slug, name }) => (
                <Checkbox
                  key={slug}
                  label={name}
                  checked={chosen.includes(slug)}
                  disabled={chosen.length >= most && !chosen.includes(slug)}
                  onChange={(event) =>
                    setChosen(
                      event.currentTarget.checked
                        ? [...chosen, slug]
                        : chosen.filter((each) => each !== slug),
                    )
                  }
                />
              ))}
            </div>
          </Form>
        )}
      </Query>
    </Section>
  );
}
