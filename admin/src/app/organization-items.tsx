import { Menu } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import { notifyProblem } from '@/components/notify';

/** The other organizations one may work in, for whoever has any. */
export function OrganizationItems() {
  const me = useMe();
  const organizations = api.useQuery(
    'get',
    '/api/auth/organizations',
    { params: { query: { limit: 20 } } },
    { staleTime: 60_000 },
  );
  const change = api.useMutation('put', '/api/auth/organization', {
    // Everything on screen and in memory is of the organization before: begin anew.
    onSuccess: () => window.location.assign('/admin/'),
    onError: (error) => notifyProblem('Couldn’t change the organization', toProblem(error)),
  });
  const others = (organizations.data?.items ?? []).filter((w) => w.organization.id !== me.organization.id);
  if (others.length === 0) return null;
  return (
    <>
      {others.map(({ organization }) => (
        <Menu.Item
          key={organization.id}
          leftSection={<IconBuilding size={16} />}
          disabled={change.isPending}
          onClick={() => change.mutate({ body: { organization_id: organization.id } })}
        >
          Work in {organization.name}
        </Menu.Item>
      ))}
      <Menu.Divider />
    </>
  );
}
