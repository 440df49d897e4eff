import { Alert, Button, Tabs } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { organizationChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import type { OrganizationSettings } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { Filters, Row, Rows, SearchField } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { NewOrganization } from './new-organization';
import { TABS } from './search';
import { Users } from './users';

const route = getRouteApi('/app/organizations');

function OrganizationRow({ organization }: { organization: OrganizationSettings }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const own = useMe().organization.id === organization.id;
  const { id, name, disabled, version } = organization;
  const change = api.useMutation('patch', '/api/organizations/{id}', {
    onSuccess: (saved) => {
      close();
      notifyDone(saved.disabled ? 'Disabled' : 'Enabled', saved.name);
    },
    onError: (error) => notifyProblem('Couldn’t change that', toProblem(error)),
    onSettled: () => organizationChanged(client),
  });
  const set = () =>
    change.mutate({
      params: { path: { id }, header: { 'If-Match': `"${version}"` } },
      body: { disabled: !disabled },
    });
  const enter = api.useMutation('put', '/api/auth/organization', {
    // Everything on screen and in memory is of the organization before: begin anew.
    onSuccess: () => window.location.assign('/admin/'),
    onError: (error) => notifyProblem('Couldn’t change the organization', toProblem(error)),
  });
  const verb = disabled ? 'Enable' : 'Disable';
  return (
    <Row
      data-testid="organization"
      title={
        <>
          {name}
          {own && <Pill tone="info">You work here</Pill>}
          {disabled && <Pill tone="bad">Disabled</Pill>}
        </>
      }
      facts={
        <>
          {organization.timezone} · made <RelativeTime real value={organization.created_at} />
        </>
      }
      end={
        !own && (
          <>
            {!disabled && (
              <Button
                size="xs"
                variant="default"
                loading={enter.isPending}
                aria-label={`Work in ${name}`}
                onClick={() => enter.mutate({ body: { organization_id: id } })}
              >
                Work here
              </Button>
            )}
            <Button
              size="xs"
              variant="subtle"
              color={disabled ? 'gray' : 'red'}
              loading={change.isPending}
              aria-label={`${verb} ${name}`}
              onClick={disabled ? set : open}
            >
              {verb}
            </Button>
            <Confirm
              opened={opened}
              title={`Disable ${name}?`}
              confirmLabel="Disable"
              keepLabel="Keep it"
              busy={change.isPending}
              onClose={close}
              onConfirm={set}
            >
              Its staff are shut out and its keys stop working at once. Texts are still taken in.
            </Confirm>
          </>
        )
      }
    />
  );
}

function Organizations({ q }: { q: string | undefined }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/organizations',
    { params: { query: { q, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const organizations = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <ListState query={query} isEmpty={organizations.length === 0} empty={<EmptyState title="None matches" />}>
        <Rows label="Organizations">
          {organizations.map((organization) => (
            <OrganizationRow key={organization.id} organization={organization} />
          ))}
        </Rows>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}

export function OrganizationsPage() {
  const { tab = 'organizations', q } = route.useSearch();
  const navigate = route.useNavigate();
  const superuser = useMe().user?.superuser ?? false;
  const [opened, { open, close }] = useDisclosure();
  return (
    <Page
      title="Installation"
      description="Every organization on this server, and everybody who signs in to it."
      actions={
        superuser &&
        tab === 'organizations' && (
          <Button leftSection={<IconPlus size={17} />} onClick={open}>
            New organization
          </Button>
        )
      }
    >
      {!superuser ? (
        <Alert color="gray" variant="light">
          This page is for superusers of the installation.
        </Alert>
      ) : (
        <Tabs
          value={tab}
          keepMounted={false}
          onChange={(value) => {
            const next = TABS.find((t) => t === value);
            void navigate({ search: { tab: next === 'organizations' ? undefined : next }, replace: true });
          }}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="organizations">Organizations</Tabs.Tab>
            <Tabs.Tab value="users">Users</Tabs.Tab>
          </Tabs.List>
          <Filters>
            <SearchField
              key={tab}
              label="Search"
              placeholder="Name"
              initial={q ?? ''}
              onSearch={(text) =>
                void navigate({ search: (now) => ({ ...now, q: text.trim() || undefined }), replace: true })
              }
            />
          </Filters>
          <Tabs.Panel value="organizations">
            <Organizations q={q} />
          </Tabs.Panel>
          <Tabs.Panel value="users">
            <Users q={q} />
          </Tabs.Panel>
        </Tabs>
      )}
      <NewOrganization opened={opened} onClose={close} />
    </Page>
  );
}
