import { Button } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api, keyset } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { Invitation } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { Row, Rows } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatDateTime } from '@/lib/time';

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const client = useQueryClient();
  const zone = useZone();
  const revoke = api.useMutation('delete', '/api/invitations/{id}', {
    onSuccess: () => notifyDone('Invitation taken back', invitation.email),
    onError: (error) => notifyProblem('Couldn’t take it back', toProblem(error)),
    onSettled: () => staffChanged(client),
  });
  return (
    <Row
      data-testid="invitation"
      title={invitation.email}
      facts={`${invitation.role_name} · invited by ${invitation.invited_by ?? 'a program'} · until ${formatDateTime(invitation.expires_at, zone)}`}
      end={
        <Button
          size="xs"
          variant="subtle"
          color="red"
          loading={revoke.isPending}
          aria-label={`Take back the invitation of ${invitation.email}`}
          onClick={() => revoke.mutate({ params: { path: { id: invitation.id } } })}
        >
          Take back
        </Button>
      }
    />
  );
}

export function Invitations() {
  const query = api.useInfiniteQuery('get', '/api/invitations', { params: { query: { limit: 50 } } }, keyset);
  const invitations = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <ListState
        query={query}
        isEmpty={invitations.length === 0}
        empty={
          <EmptyState icon={<IconSend size={24} stroke={1.7} />} title="No open invitations">
            Somebody you invite waits here until they join. A lost link is made anew by inviting them again.
          </EmptyState>
        }
      >
        <Rows label="Invitations">
          {invitations.map((invitation) => (
            <InvitationRow key={invitation.id} invitation={invitation} />
          ))}
        </Rows>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}
