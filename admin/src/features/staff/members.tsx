import { Button, Select } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useMe } from '@/api/session';
import type { Member, Role } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { Filters, Row, Rows, SearchField } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { ifMatch, roleChoices } from './grants';
import { STATUSES } from './search';

const route = getRouteApi('/app/staff');

function RoleOf({ member, roles }: { member: Member; roles: readonly Role[] }) {
  const client = useQueryClient();
  const me = useMe();
  const change = api.useMutation('patch', '/api/users/{id}', {
    onSuccess: (saved) => notifyDone('Role changed', `${saved.display_name} is ${saved.role_name} now.`),
    onError: (error) => notifyProblem('Couldn’t change the role', toProblem(error)),
    onSettled: () => staffChanged(client),
  });
  return (
    <Select
      aria-label={`Role of ${member.display_name}`}
      w={180}
      allowDeselect={false}
      value={change.isPending ? (change.variables.body.role ?? member.role) : member.role}
      data={roleChoices(roles, me, member.role)}
      onChange={(role) => {
        if (role && role !== member.role)
          change.mutate({
            params: { path: { id: member.id }, header: ifMatch(member.version) },
            body: { role },
          });
      }}
    />
  );
}

function Remove({ member }: { member: Member }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/users/{id}', {
    onSuccess: () => {
      close();
      notifyDone('Taken out', `${member.display_name} no longer belongs to the organization.`);
    },
    onError: (error) => notifyProblem('Couldn’t take them out', toProblem(error)),
    onSettled: () => staffChanged(client),
  });
  return (
    <>
      <Button size="xs" variant="subtle" color="red" onClick={open} aria-label={`Remove ${member.display_name}`}>
        Remove
      </Button>
      <Confirm
        opened={opened}
        title={`Remove ${member.display_name}?`}
        confirmLabel="Remove"
        keepLabel="Keep"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: member.id } } })}
      >
        They are signed out at once. What they wrote keeps their name. To have them back, invite them again.
      </Confirm>
    </>
  );
}

function Disable({ member }: { member: Member }) {
  const client = useQueryClient();
  const change = api.useMutation('patch', '/api/users/{id}', {
    onSuccess: (saved) => notifyDone(saved.disabled ? 'Disabled' : 'Enabled', saved.display_name),
    onError: (error) => notifyProblem('Couldn’t change that', toProblem(error)),
    onSettled: () => staffChanged(client),
  });
  const verb = member.disabled ? 'Enable' : 'Disable';
  return (
    <Button
      size="xs"
      variant="subtle"
      color="gray"
      loading={change.isPending}
      aria-label={`${verb} ${member.display_name}`}
      onClick={() =>
        change.mutate({
          params: { path: { id: member.id }, header: ifMatch(member.version) },
          body: { disabled: !member.disabled },
        })
      }
    >
      {verb}
    </Button>
  );
}

function MemberRow({ member, roles }: { member: Member; roles: readonly Role[] }) {
  const me = useMe();
  const manages = useMay('users.manage');
  const self = me.user?.id === member.id;
  return (
    <Row
      data-testid="member"
      title={
        <>
          {member.display_name}
          {self && <Pill tone="info">You</Pill>}
          {member.superuser && <Pill tone="accent">Superuser</Pill>}
          {member.disabled && <Pill tone="bad">Disabled</Pill>}
          {member.disabled_everywhere && <Pill tone="bad">Shut out of the installation</Pill>}
        </>
      }
      facts={
        <>
          {member.username}
          {member.email && ` · ${member.email}`}
          {member.second_factor && ' · second factor'} ·{' '}
          {member.last_seen_at ? (
            <>
              seen <RelativeTime real value={member.last_seen_at} />
            </>
          ) : (
            'never signed in'
          )}
        </>
      }
      end={
        manages && !self ? (
          <>
            <RoleOf member={member} roles={roles} />
            <Disable member={member} />
            <Remove member={member} />
          </>
        ) : (
          member.role_name
        )
      }
    />
  );
}

export function Members() {
  const { q, role, status } = route.useSearch();
  const navigate = route.useNavigate();
  const roles = api.useQuery('get', '/api/roles').data?.items ?? [];
  const query = api.useInfiniteQuery(
    'get',
    '/api/users',
    { params: { query: { q, role, status, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const members = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Filters>
        <SearchField
          label="Search staff"
          placeholder="Name or e-mail"
          initial={q ?? ''}
          onSearch={(text) =>
            void navigate({ search: (now) => ({ ...now, q: text.trim() || undefined }), replace: true })
          }
        />
        <Select
          aria-label="Role"
          placeholder="Every role"
          clearable
          w={180}
          value={role ?? null}
          data={roles.map((r) => ({ value: r.id, label: r.name }))}
          onChange={(value) =>
            void navigate({ search: (now) => ({ ...now, role: value ?? undefined }), replace: true })
          }
        />
        <Select
          aria-label="Status"
          placeholder="Active and disabled"
          clearable
          w={190}
          value={status ?? null}
          data={[
            { value: 'active', label: 'Active' },
            { value: 'disabled', label: 'Disabled' },
          ]}
          onChange={(value) =>
            void navigate({
              search: (now) => ({ ...now, status: STATUSES.find((s) => s === value) }),
              replace: true,
            })
          }
        />
      </Filters>
      <Card flush>
        <ListState
          query={query}
          isEmpty={members.length === 0}
          empty={
            <EmptyState icon={<IconSearch size={22} />} title="Nobody matches">
              Try another name, role or status.
            </EmptyState>
          }
        >
          <Rows label="Members">
            {members.map((member) => (
              <MemberRow key={member.id} member={member} roles={roles} />
            ))}
          </Rows>
          <LoadMore query={query} />
        </ListState>
      </Card>
    </>
  );
}
