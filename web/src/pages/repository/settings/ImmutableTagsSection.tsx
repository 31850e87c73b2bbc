import { ActionIcon, Button, Radio, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { messageOf } from '@/api/errors';
import { useSession } from '@/api/session';
import { FormError } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { Section } from '@/components/Page';
import { plural } from '@/lib/format';
import { useDebounced } from '@/lib/useDebounced';
import { pathOf, useInvalidateTags, type Repository } from '../queries';
import classes from './Settings.module.css';

const everything = '.*';
type Mode = 'none' | 'all' | 'rules';

// The tags that an expression matches now, while it is typed.
function Matches({ repository, rule }: { repository: Repository; rule: string }) {
  const regex = useDebounced(rule.trim(), 300);
  const session = useSession();
  const query = useQuery({
    queryKey: ['immutable-matches', repository.namespace, repository.name, regex],
    queryFn: () =>
      call(
        api.POST('/v2/namespaces/{namespace}/repositories/{repository}/immutabletags/verify', {
          params: { path: pathOf(repository) },
          body: { regex },
        }),
      ),
    // A question, but sent by POST: without the session's CSRF token it would count as a visitor's.
    enabled: regex !== '' && Boolean(session),
    retry: false,
  });
  if (!regex) return null;
  if (query.isError) return <p className={classes.matches}>{messageOf(query.error)}</p>;
  if (!query.data) return <p className={classes.matches}>Looking for matches…</p>;
  const { tags } = query.data;
  return (
    <p className={classes.matches} role="status">
      Matches {plural(tags.length, 'tag')} now{tags.length > 0 && ': '}
      {tags.slice(0, 8).map((tag) => (
        <code key={tag}>{tag}</code>
      ))}
      {tags.length > 8 && '…'}
    </p>
  );
}

export function ImmutableTagsSection({ repository }: { repository: Repository }) {
  const { enabled, rules } = repository.immutable_tags_settings;
  // Every tag is written as the expression that matches everything.
  const saved = rules.filter((rule) => rule !== everything);
  const [mode, setMode] = useState<Mode>(!enabled ? 'none' : saved.length === 0 ? 'all' : 'rules');
  const [edited, setRules] = useState(saved.length > 0 ? saved : ['']);
  const queries = useQueryClient();
  const invalidate = useInvalidateTags(repository);
  const save = useMutation({
    mutationFn: () =>
      call(
        api.PATCH('/v2/namespaces/{namespace}/repositories/{repository}/immutabletags', {
          params: { path: pathOf(repository) },
          body: {
            immutable_tags: mode !== 'none',
            immutable_tags_rules: mode === 'rules' ? edited.map((rule) => rule.trim()).filter(Boolean) : [],
          },
        }),
      ),
    onSuccess: async (updated) => {
      queries.setQueryData(['repository', repository.namespace, repository.name], updated);
      notifyDone('Immutable tags saved');
      await invalidate();
    },
  });
  const empty = mode === 'rules' && edited.every((rule) => !rule.trim());
  return (
    <Section
      title="Immutable tags"
      description="Nobody can move or delete an immutable tag, not even its owner."
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <FormError error={save.error} />
        <Radio.Group
          aria-label="Which tags are immutable"
          value={mode}
          onChange={(value) => setMode(value as Mode)}
        >
          <div className={classes.choices}>
            <Radio value="none" label="No tag" />
            <Radio value="all" label="Every tag" />
            <Radio value="rules" label="Tags that match an expression" />
          </div>
        </Radio.Group>
        {mode === 'rules' &&
          edited.map((rule, at) => (
            <div key={at}>
              <div className={classes.row}>
                <TextInput
                  className={classes.grow}
                  aria-label={`Expression ${at + 1}`}
                  placeholder="v[0-9]+\.[0-9]+\.[0-9]+"
                  maxLength={1000}
                  value={rule}
                  onChange={(event) =>
                    setRules(edited.map((each, index) => (index === at ? event.currentTarget.value : each)))
                  }
                />
                {edited.length > 1 && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="lg"
                    aria-label={`Remove expression ${at + 1}`}
                    onClick={() => setRules(edited.filter((_, index) => index !== at))}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                )}
              </div>
              <Matches repository={repository} rule={rule} />
            </div>
          ))}
        <div className={classes.row}>
          <Button type="submit" loading={save.isPending} disabled={empty}>
            Save immutable tags
          </Button>
          {mode === 'rules' && (
            <Button variant="default" onClick={() => setRules([...edited, ''])}>
              Add expression
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}
