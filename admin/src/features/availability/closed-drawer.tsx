import { Alert, Button, Drawer, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { ProviderSelect } from '@/components/catalog-select';
import { notifyDone } from '@/components/notify';

function ClosedForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [provider, setProvider] = useState<string | null>(null);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const create = api.useMutation('post', '/api/availability/exceptions', {
    onSuccess: async ({ closed_slots, taken_slots }) => {
      notifyDone(
        'Closed',
        taken_slots > 0
          ? `${closed_slots} free slots are closed. ${taken_slots} are taken: move or cancel those appointments.`
          : `${closed_slots} free slots are closed.`,
      );
      onClose();
      await calendarChanged(client);
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const body = { provider_id: provider, from_date: from, to_date: to || null, reason: reason.trim() || null };
        if (from) create.mutate({ body });
      }}
    >
      <Stack gap="md">
        <ProviderSelect value={provider} onChange={setProvider} placeholder="Everybody" clearable />
        <Group grow align="start">
          <TextInput
            type="date"
            label="First day"
            required
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="Last day"
            description="The first if empty"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </Group>
        <TextInput
          label="Reason"
          placeholder="Thanksgiving"
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {create.error && (
          <Alert color="red" variant="light" role="alert">
            {toProblem(create.error).message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" disabled={!from} loading={create.isPending}>
            Close these days
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function ClosedDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="md"
      title="Close days"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <ClosedForm onClose={onClose} />}
    </Drawer>
  );
}
