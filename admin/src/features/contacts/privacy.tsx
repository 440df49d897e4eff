import { Alert, Button, Group, List, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload, IconEraser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactErased } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Contact, ErasureReason } from '@/api/types';
import { notifyDone } from '@/components/notify';
import { Card } from '@/components/page';
import { formatPhone, personName } from '@/lib/phone';
import { sameNumber } from './same-number';

const REASONS: { value: ErasureReason; label: string }[] = [
  { value: 'requested', label: 'They asked for it' },
  { value: 'no_longer_needed', label: 'We have no more use for it' },
  { value: 'mistake', label: 'It was a test or a wrong number' },
];

function EraseDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState<ErasureReason>('requested');
  const client = useQueryClient();
  const navigate = useNavigate();
  const erase = api.useMutation('post', '/api/contacts/{id}/erase', {
    onSuccess: async (erased) => {
      notifyDone(
        'Contact erased',
        erased.opt_out_kept ? 'Their opt-out is remembered without their number.' : 'Nothing of them is left here.',
      );
      await navigate({ to: '/contacts', replace: true });
      await contactErased(client);
    },
  });
  const problem = erase.error && toProblem(erase.error);
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Erase ${personName(contact)}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          erase.mutate({ params: { path: { id: contact.id } }, body: { confirm: typed, reason } });
        }}
      >
        <Stack gap="md">
          <List size="sm" spacing={6}>
            <List.Item>Every text, conversation, appointment and record of consent of theirs is deleted.</List.Item>
            <List.Item>
              Coming appointments are cancelled first; nobody is told, and the times are free again.
            </List.Item>
            <List.Item>
              If they asked for no more texts, that is remembered by a keyed hash of the number, so that they are never
              texted again.
            </List.Item>
            <List.Item>
              Twilio keeps its own log for up to 400 days, and backups keep older states for a while.
            </List.Item>
          </List>
          <Text size="sm" fw={600}>
            This cannot be undone. Export their data first if they want it.
          </Text>
          <Select
            label="Why"
            data={REASONS}
            value={reason}
            allowDeselect={false}
            onChange={(value) => setReason(REASONS.find((r) => r.value === value)?.value ?? 'requested')}
          />
          <TextInput
            label={`Type ${formatPhone(contact.phone_number)} to confirm`}
            value={typed}
            inputMode="tel"
            autoComplete="off"
            error={problem?.field('confirm')}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          {problem && !problem.field('confirm') && (
            <Alert color="red" title="Nothing was erased">
              {problem.message}
            </Alert>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Keep
            </Button>
            <Button
              type="submit"
              color="red"
              loading={erase.isPending}
              disabled={!sameNumber(typed, contact.phone_number)}
            >
              Erase for good
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What somebody may ask for: a copy of what is kept of them, and an end to it. */
export function ContactPrivacy({ contact }: { contact: Contact }) {
  const mayExport = useMay('contacts.export');
  const mayErase = useMay('contacts.erase');
  const [erasing, setErasing] = useState(false);
  if (!mayExport && !mayErase) return null;
  return (
    <Card title="Privacy">
      <Text size="sm" c="dimmed" mb="sm">
        A copy of everything kept of this person, for them to take along, or its end.
      </Text>
      <Group gap="sm">
        {mayExport && (
          <Button
            component="a"
            href={`/api/contacts/${contact.id}/export`}
            download
            variant="default"
            leftSection={<IconDownload size={17} stroke={1.8} />}
          >
            Export
          </Button>
        )}
        {mayErase && (
          <Button
            variant="light"
            color="red"
            leftSection={<IconEraser size={17} stroke={1.8} />}
            onClick={() => setErasing(true)}
          >
            Erase…
          </Button>
        )}
      </Group>
      {erasing && <EraseDialog contact={contact} onClose={() => setErasing(false)} />}
    </Card>
  );
}
