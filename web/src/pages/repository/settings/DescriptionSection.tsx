import { Button, Tabs, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { fieldErrors, FormError } from '@/components/FormError';
import { Markdown } from '@/components/markdown/Markdown';
import { notifyDone } from '@/components/notify';
import { Section } from '@/components/Page';
import { useUpdateRepository, type Repository } from '../queries';
import classes from './Settings.module.css';

export function DescriptionSection({ repository }: { repository: Repository }) {
  const [description, setDescription] = useState(repository.description);
  const [text, setText] = useState(repository.full_description);
  const update = useUpdateRepository(repository);
  const fields = fieldErrors(update.error);
  return (
    <Section title="Description">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate(
            { description, full_description: text },
            { onSuccess: () => notifyDone('Description saved') },
          );
        }}
      >
        <FormError error={update.error} />
        <TextInput
          label="Short description"
          description="Shown in search results."
          maxLength={100}
          value={description}
          error={fields.description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Tabs defaultValue="write" keepMounted={false}>
          <Tabs.List aria-label="README">
            <Tabs.Tab value="write">README</Tabs.Tab>
            <Tabs.Tab value="preview">Preview</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="write" pt="xs">
            <Textarea
              aria-label="README, in Markdown"
              className={classes.text}
              autosize
              minRows={12}
              maxRows={30}
              maxLength={25000}
              value={text}
              error={fields.full_description}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          </Tabs.Panel>
          <Tabs.Panel value="preview" pt="xs">
            <div className={classes.preview}>
              {text.trim() ? <Markdown text={text} /> : 'Nothing to show yet.'}
            </div>
          </Tabs.Panel>
        </Tabs>
        <div>
          <Button type="submit" loading={update.isPending}>
            Save description
          </Button>
        </div>
      </form>
    </Section>
  );
}
