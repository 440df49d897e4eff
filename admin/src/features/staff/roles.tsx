import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Role } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink, ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { Row, Rows } from '@/components/rows';
import { EmptyState, ListState } from '@/components/states';

function Delete({ role }: { role: Role }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/roles/{id}', {
    onSuccess: () => notifyDone('Role deleted', role.name),
    onError: (error) => notifyProblem('Couldn’t delete the role', toProblem(error)),
    onSettled: async () => {
      close();
      await staffChanged(client);
    },
  });
  return (
    <>
      <Button size="xs" variant="subtle" color="red" onClick={open} aria-label={`Delete ${role.name}`}>
        Delete
      </Button>
      <Confirm
        opened={opened}
        title={`Delete ${role.name}?`}
        confirmLabel="Delete"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: role.id } } })}
      >
        Only a role that nobody has, and that no open invitation names, can be deleted.
      </Confirm>
    </>
  );
}

export function Roles() {
  const manages = useMay('users.manage');
  const query = api.useQuery('get', '/api/roles');
  const roles = query.data?.items ?? [];
  return (
    <Card flush>
      <ListState query={query} isEmpty={roles.length === 0} empty={<EmptyState title="No roles" />}>
        <Rows label="Roles">
          {roles.map((role) => (
            <Row
              key={role.id}
              data-testid="role"
              title={
                <>
                  <AnchorLink inherit to="/staff" search={{ tab: 'roles', edit: role.id }}>
                    {role.name}
                  </AnchorLink>
                  {role.built_in && <Pill tone="neutral">Built in</Pill>}
                </>
              }
              facts={`${role.description ? `${role.description} · ` : ''}${role.permissions.length === 1 ? '1 permission' : `${role.permissions.length} permissions`} · ${
                role.members === 1 ? '1 member' : `${role.members} members`
              }`}
              end={
                manages &&
                !role.built_in && (
                  <>
                    <ButtonLink
                      to="/staff"
                      search={{ tab: 'roles', edit: role.id }}
                      size="xs"
                      variant="subtle"
                      color="gray"
                      aria-label={`Edit ${role.name}`}
                    >
                      Edit
                    </ButtonLink>
                    <Delete role={role} />
                  </>
                )
              }
            />
          ))}
        </Rows>
      </ListState>
    </Card>
  );
}
