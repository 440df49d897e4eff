import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import { notifyDone } from '@/components/notify';
import { endOf, UntilField } from './until';

/** One number that nobody texts: by the organization, or by everybody in the installation. */
export function BlockForm({ everywhere, onClose }: { everywhere?: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const zone = useZone();
  const [number, setNumber] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const onSuccess = async () => {
    notifyDone('Number blocked');
    onClose();
    await contactsChanged(client);
  };
  const here = api.useMutation('post', '/api/suppressions', { onSuccess });
  const all = api.useMutation('post', '/api/installation/suppressions', { onSuccess });
  const error = everywhere ? all.error : here.error;
  const problem = error ? toProblem(error) : null;
  const other = problem && problem.fields.length === 0 ? problem.message : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const entry = { phone_number: number, expires_at: endOf(until, zone) };
        if (everywhere) all.mutate({ body: { ...entry, note: reason.trim() } });
        else here.mutate({ body: { ...entry, reason: reason.trim() } });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Phone number"
          type="tel"
          required
          maxLength={40}
          data-autofocus
          value={number}
          error={problem?.field('phone_number') ?? other}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <Textarea
          label="Reason"
          description="For the record."
          required
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          error={problem?.field(everywhere ? 'note' : 'reason')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <UntilField value={until} error={problem?.field('expires_at')} onChange={setUntil} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color="red"
            loading={here.isPending || all.isPending}
            disabled={!number.trim() || !reason.trim()}
          >
            {everywhere ? 'Block for everybody' : 'Block'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
