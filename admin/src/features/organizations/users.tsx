import { Button } from '@mantine/core';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { api, keyset } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import type { InstallationUser } from '@/api/types';
import { Pill } from '@/components/badges';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { Row, Rows } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';

function UserRow({ user }: { user: InstallationUser }) {
  const client = useQueryClient();
  const self = useMe().user?.id === user.id;
  const change = api.useMutation('patch', '/api/installation/users/{id}', {
    onSuccess: (saved) => notifyDone('Changed', saved.display_name),
    onError: (error) => notifyProblem('Couldn’t change that', toProblem(error)),
    onSettled: () => staffChanged(client),
  });
  const set = (body: { disabled?: boolean; superuser?: boolean }) =>
    change.mutate({ params: { path: { id: user.id }, header: { 'If-Match': `"${user.version}"` } }, body });
  return (
    <Row
      data-testid="installation-user"
      title={
        <>
          {user.display_name}
          {self && <Pill tone="info">You</Pill>}
          {user.superuser && <Pill tone="accent">Superuser</Pill>}
          {user.disabled && <Pill tone="bad">Shut out</Pill>}
        </>
      }
      facts={`${user.username}${user.email ? ` · ${user.email}` : ''} · ${user.organizations.join(', ') || 'no organization'}`}
      end={
        !self && (
          <>
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              loading={change.isPending}
              onClick={() => set({ superuser: !user.superuser })}
              aria-label={`${user.superuser ? 'Take superuser from' : 'Make superuser:'} ${user.display_name}`}
            >
              {user.superuser ? 'No superuser' : 'Make superuser'}
            </Button>
            <Button
              size="xs"
              variant="subtle"
              color={user.disabled ? 'gray' : 'red'}
              loading={change.isPending}
              onClick={() => set({ disabled: !user.disabled })}
              aria-label={`${user.disabled ? 'Let in' : 'Shut out'} ${user.display_name}`}
            >
              {user.disabled ? 'Let in' : 'Shut out'}
            </Button>
          </>
        )
      }
    />
  );
}

export function Users({ q }: { q: string | undefined }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/installation/users',
    { params: { query: { q, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const users = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <ListState query={query} isEmpty={users.length === 0} empty={<EmptyState title="Nobody matches" />}>
        <Rows label="Users">
          {users.map((user) => (
            <UserRow key={user.id} user={user} />
          ))}
        </Rows>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}
