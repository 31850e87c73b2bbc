import { Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '@/api/client';
import { Form } from '@/components/Form';
import { fieldErrors } from '@/components/FormError';
import { notifyDone } from '@/components/notify';
import { pathOf, useInvalidateTags, type Repository } from '../queries';

interface Props {
  repository: Repository;
  // The tag or digest that the new tag will point at; null: closed.
  source: string | null;
  onClose: () => void;
}

// Points a tag, new or existing, at an image that is already here: no pull and push needed.
export function RetagDialog({ repository, source, onClose }: Props) {
  const [tag, setTag] = useState('');
  const invalidate = useInvalidateTags(repository);
  const set = useMutation({
    mutationFn: () =>
      call(
        api.PUT('/api/berth/v1/repositories/{namespace}/{repository}/tags/{tag}', {
          params: { path: { ...pathOf(repository), tag: tag.trim() } },
          body: { source: source! },
        }),
      ),
    onSuccess: async (change) => {
      notifyDone(change.previous_digest ? `${change.tag} moved` : `${change.tag} added`);
      await invalidate();
      close();
    },
  });
  const close = () => {
    setTag('');
    set.reset();
    onClose();
  };
  return (
    <Modal opened={source !== null} onClose={close} title="Add or move a tag">
      <Form mutation={set} submit="Set tag" onCancel={close}>
        <TextInput
          label="Tag"
          description={`It will point at what ${source?.slice(0, 40)} points at now. A tag that exists is moved.`}
          placeholder="stable"
          required
          pattern="[A-Za-z0-9_][A-Za-z0-9._\-]{0,127}"
          title="Letters, digits, dot, dash and underscore, at most 128"
          value={tag}
          error={fieldErrors(set.error).tag}
          onChange={(event) => setTag(event.currentTarget.value)}
          data-autofocus
        />
      </Form>
    </Modal>
  );
}
