import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Contact } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';

/** Takes what somebody calls themselves on WhatsApp as their name, where they have none here. */
export function UseName({ contact }: { contact: Contact }) {
  const client = useQueryClient();
  const writes = useMay('contacts.write');
  const change = api.useMutation('patch', '/api/contacts/{id}', {
    onSuccess: () => notifyDone('Name taken over', contact.profile_name ?? ''),
    onError: (error) => notifyProblem('Couldn’t take the name over', toProblem(error)),
    onSettled: () => contactsChanged(client),
  });
  if (!writes) return null;
  return (
    <Button
      size="compact-xs"
      variant="light"
      loading={change.isPending}
      onClick={() =>
        change.mutate({
          params: { path: { id: contact.id } },
          headers: { 'If-Match': `"${contact.version}"` },
          body: { first_name: contact.profile_name },
        })
      }
    >
      Use as name
    </Button>
  );
}
