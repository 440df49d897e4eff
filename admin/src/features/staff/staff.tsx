import { Button, Tabs } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSend, IconUserPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useMay } from '@/api/session';
import { ButtonLink } from '@/components/links';
import { Page } from '@/components/page';
import { AddUser } from './add-user';
import { Invitations } from './invitations';
import { Invite } from './invite';
import { Members } from './members';
import { RoleDrawer } from './role-drawer';
import { Roles } from './roles';
import { TABS } from './search';

const route = getRouteApi('/app/staff');

export function StaffPage() {
  const { tab = 'members', edit } = route.useSearch();
  const navigate = route.useNavigate();
  const manages = useMay('users.manage');
  const [inviting, invite] = useDisclosure();
  const [adding, add] = useDisclosure();
  return (
    <Page
      title="Staff"
      description="Who works here, and what they may do."
      actions={
        manages && (
          <>
            {tab === 'roles' && (
              <ButtonLink
                to="/staff"
                search={{ tab: 'roles', edit: 'new' }}
                variant="default"
                leftSection={<IconPlus size={17} />}
              >
                New role
              </ButtonLink>
            )}
            {tab === 'members' && (
              <Button variant="default" leftSection={<IconUserPlus size={17} />} onClick={add.open}>
                Add with a password
              </Button>
            )}
            <Button leftSection={<IconSend size={17} />} onClick={invite.open}>
              Invite
            </Button>
          </>
        )
      }
    >
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = TABS.find((t) => t === value);
          void navigate({ search: { tab: next === 'members' ? undefined : next }, replace: true });
        }}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="members">Members</Tabs.Tab>
          {manages && <Tabs.Tab value="invitations">Invitations</Tabs.Tab>}
          <Tabs.Tab value="roles">Roles</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="members">
          <Members />
        </Tabs.Panel>
        {manages && (
          <Tabs.Panel value="invitations">
            <Invitations />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="roles">
          <Roles />
        </Tabs.Panel>
      </Tabs>
      <Invite opened={inviting} onClose={invite.close} />
      <AddUser opened={adding} onClose={add.close} />
      <RoleDrawer id={edit} onClose={() => void navigate({ search: { tab: 'roles' } })} />
    </Page>
  );
}
