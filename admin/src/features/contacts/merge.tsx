import { Alert, Button, Group, List, Modal, Radio, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactsMerged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Contact } from '@/api/types';
import { notifyDone } from '@/components/notify';
import { formatPhone, personName } from '@/lib/phone';
import { likelyKept } from './likely-kept';

const about = (contact: Contact): string =>
  [
    formatPhone(contact.phone_number),
    contact.email,
    contact.last_message_at ? 'has texted' : 'never texted',
    contact.opt_in_status === 'opted_out' && 'opted out',
  ]
    .filter(Boolean)
    .join(' · ');

/** Makes one contact of two. */
export function MergeDialog({ pair, onClose }: { pair: readonly [Contact, Contact]; onClose: () => void }) {
  const client = useQueryClient();
  const [keptId, setKeptId] = useState(likelyKept(pair).id);
  const [kept, other] = pair[0].id === keptId ? pair : [pair[1], pair[0]];
  const merge = api.useMutation('post', '/api/contacts/{id}/merge', {
    onSuccess: async (contact) => {
      notifyDone('Merged', `${personName(contact)} has both numbers now.`);
      onClose();
      await contactsMerged(client);
    },
  });
  const problem = merge.error && toProblem(merge.error);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Make one contact of these two?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          merge.mutate({
            params: { path: { id: kept.id } },
            headers: { 'If-Match': `"${kept.version}"` },
            body: { contact_id: other.id },
          });
        }}
      >
        <Stack gap="md">
          <Radio.Group
            label="Keep"
            description="Texts that you begin go to the number of the one you keep."
            value={keptId}
            onChange={setKeptId}
          >
            <Stack gap="sm" mt="sm">
              {pair.map((contact) => (
                <Radio
                  key={contact.id}
                  value={contact.id}
                  label={personName(contact)}
                  description={about(contact)}
                  data-testid="keep"
                />
              ))}
            </Stack>
          </Radio.Group>
          <List size="sm" spacing={6}>
            <List.Item>
              {personName(kept)} gets what is missing, the tags and notes of both, and all appointments and reports.
            </List.Item>
            <List.Item>
              {formatPhone(other.phone_number)} becomes their other number. What was said with it stays in its
              conversations and is shown here too; a text from it is answered there.
            </List.Item>
            <List.Item>Consent and opt-outs stay with the number they were given for.</List.Item>
          </List>
          <Text size="sm" fw={600}>
            This cannot be undone.
          </Text>
          {problem && (
            <Alert color="red" title="Nothing was merged">
              {problem.message}
            </Alert>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Leave them
            </Button>
            <Button type="submit" loading={merge.isPending}>
              Merge
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
