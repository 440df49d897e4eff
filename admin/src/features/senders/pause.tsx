import { Alert, Button, Group, Modal, Stack, Text, Textarea, VisuallyHidden } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { sendersChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Sender } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { RelativeTime } from '@/components/relative-time';

/** Stops a sender, with a reason for the colleagues, or lets it go on. */
export function PauseButton({ sender }: { sender: Sender }) {
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure();
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() ? null : 'Say why, for your colleagues') },
  });
  const onSettled = () => sendersChanged(client);
  const pause = api.useMutation('post', '/api/senders/{id}/pause', {
    onSuccess: () => {
      notifyDone('Sender paused', sender.display_name);
      form.reset();
      close();
    },
    onError: (error) => notifyProblem('Couldn’t pause the sender', toProblem(error)),
    onSettled,
  });
  const resume = api.useMutation('post', '/api/senders/{id}/resume', {
    onSuccess: () => notifyDone('Sender resumed', sender.display_name),
    onError: (error) => notifyProblem('Couldn’t resume the sender', toProblem(error)),
    onSettled,
  });
  const params = { path: { id: sender.id } };
  if (sender.paused_at) {
    return (
      <Button
        size="xs"
        leftSection={<IconPlayerPlay size={15} />}
        loading={resume.isPending}
        onClick={() => resume.mutate({ params })}
      >
        Resume<VisuallyHidden> {sender.display_name}</VisuallyHidden>
      </Button>
    );
  }
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconPlayerPause size={15} />} onClick={open}>
        Pause<VisuallyHidden> {sender.display_name}</VisuallyHidden>
      </Button>
      <Modal
        opened={asking}
        onClose={close}
        title={`Pause ${sender.display_name}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form
          onSubmit={form.onSubmit(({ reason }) => pause.mutate({ params, body: { reason: reason.trim() } }))}
          noValidate
        >
          <Stack gap="md">
            <Text size="sm">
              Nothing leaves from it, replies neither. What is queued waits until it is resumed. Texts to it still come
              in, and other senders take over where a text begins anew.
            </Text>
            <Textarea
              label="Reason"
              description="Your colleagues see it."
              required
              maxLength={200}
              autosize
              minRows={2}
              data-autofocus
              {...form.getInputProps('reason')}
            />
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={close}>
                Keep it sending
              </Button>
              <Button type="submit" loading={pause.isPending}>
                Pause sender
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}

/** Since when, by whom and why, and what waits. */
export function PausedNote({ sender }: { sender: Sender }) {
  if (!sender.paused_at) return null;
  const { waiting } = sender;
  const some = waiting === 1 ? 'One text waits' : `${waiting} texts wait`;
  const many = waiting >= 1000 ? 'A thousand texts and more wait' : some;
  return (
    <Alert color="brass" variant="light" icon={<IconPlayerPause />} p="xs" data-testid="paused-note">
      {sender.paused_by === 'system' ? 'Paused by Frontdesk' : 'Paused'} <RelativeTime value={sender.paused_at} />:{' '}
      {sender.pause_reason} {waiting === 0 ? 'Nothing waits so far.' : `${many} until it is resumed.`}
    </Alert>
  );
}
