import { Button, Group, Modal, Select, Tabs, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import { IconFileUpload, IconPhoneOff, IconPlus, IconSearch, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useMe, useZone } from '@/api/session';
import type { Suppression } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { channel, suppressionReason } from '@/lib/labels';
import { formatDateTime } from '@/lib/time';
import { BlockForm } from './block-form';
import { ImportForm } from './import-form';
import { InstallationList } from './installation';
import { Lists } from './lists';
import { REASONS, TABS } from './search';
import classes from './suppressions.module.css';

const route = getRouteApi('/app/suppressions');

function Lift({ entry }: { entry: Suppression }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const lift = api.useMutation('delete', '/api/suppressions/{id}', {
    onSuccess: () => notifyDone('Block lifted'),
    onError: (error) => notifyProblem('Couldn’t lift the block', toProblem(error)),
    onSettled: () => {
      close();
      return contactsChanged(client);
    },
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Lift<VisuallyHidden> the block on {entry.phone_number ?? 'an erased number'}</VisuallyHidden>
      </Button>
      <Confirm
        opened={opened}
        title="Lift this block?"
        confirmLabel="Lift it"
        keepLabel="Keep it"
        color="petrol"
        busy={lift.isPending}
        onClose={close}
        onConfirm={() => lift.mutate({ params: { path: { id: entry.id } } })}
      >
        The number may be texted again, as far as this entry goes.
      </Confirm>
    </>
  );
}

function NumberOf({ entry }: { entry: Suppression }) {
  return entry.phone_number ? <PhoneNumber value={entry.phone_number} /> : 'Erased';
}

/** Reasons that staff may end. */
const STAFFS: readonly Suppression['reason'][] = ['blocked', 'do_not_call', 'bad_number'];

function Row({ entry, ended }: { entry: Suppression; ended: boolean }) {
  const writes = useMay('compliance.write');
  const zone = useZone();
  const reason = suppressionReason(entry.reason);
  return (
    <li className={classes.row} data-testid="suppression">
      <span className={classes.who}>
        {entry.contact_id ? (
          <AnchorLink to="/contacts/$contactId" params={{ contactId: entry.contact_id }} inherit>
            {entry.contact_name ?? <NumberOf entry={entry} />}
          </AnchorLink>
        ) : (
          <NumberOf entry={entry} />
        )}
        <small>
          {entry.contact_name && (
            <>
              <NumberOf entry={entry} />
              {' · '}
            </>
          )}
          {entry.note ?? reason.hint}
        </small>
      </span>
      <span className={classes.end}>
        {entry.sender_id && <span>One sender only</span>}
        {entry.channel && <span>{channel(entry.channel).label} only</span>}
        {entry.error_code && <span>Code {entry.error_code}</span>}
        <Pill tone={reason.tone}>{reason.label}</Pill>
        <span>
          {entry.created_by && `${entry.created_by}, `}
          <RelativeTime value={entry.created_at} />
        </span>
        {!entry.lifted_at && entry.expires_at && (
          <span>{`${ended ? 'Ended' : 'Until'} ${formatDateTime(entry.expires_at, zone)}`}</span>
        )}
        {entry.lifted_at ? (
          <span>
            Ended <RelativeTime value={entry.lifted_at} />
          </span>
        ) : (
          writes && !ended && STAFFS.includes(entry.reason) && <Lift entry={entry} />
        )}
      </span>
    </li>
  );
}

/** The organization's own entries. */
function Entries() {
  const { q, reason, status, batch } = route.useSearch();
  const ended = status === 'lifted';
  const query = api.useInfiniteQuery(
    'get',
    '/api/suppressions',
    { params: { query: { q, reason, batch_id: batch, lifted: ended, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <ListState
        query={query}
        isEmpty={entries.length === 0}
        empty={<EmptyState icon={<IconPhoneOff size={24} stroke={1.7} />} title="No numbers here" />}
      >
        <ul className={classes.list} aria-label="Block list">
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} ended={ended} />
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}

function Filters({ reasons }: { reasons: boolean }) {
  const { q, reason, status, batch } = route.useSearch();
  const navigate = route.useNavigate();
  const search = useDebouncedCallback(
    (text: string) => void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined }), replace: true }),
    300,
  );
  return (
    <div className={classes.filters}>
      <TextInput
        type="search"
        aria-label="Search the block list"
        placeholder={reasons ? 'Name or number' : 'Number or note'}
        w={{ base: '100%', xs: 240 }}
        leftSection={<IconSearch size={16} aria-hidden />}
        defaultValue={q ?? ''}
        onChange={(event) => search(event.currentTarget.value)}
      />
      {reasons && (
        <Select
          aria-label="Reason"
          placeholder="Any reason"
          clearable
          w={190}
          data={REASONS.map((value) => ({ value, label: suppressionReason(value).label }))}
          value={reason ?? null}
          onChange={(value) =>
            void navigate({ search: (old) => ({ ...old, reason: REASONS.find((r) => r === value) }), replace: true })
          }
        />
      )}
      <Select
        aria-label="Which entries"
        allowDeselect={false}
        w={150}
        data={[
          { value: 'active', label: 'In force' },
          { value: 'lifted', label: 'Ended' },
        ]}
        value={status ?? 'active'}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, status: value === 'lifted' ? 'lifted' : undefined }),
            replace: true,
          })
        }
      />
      {reasons && batch && (
        <Button
          variant="default"
          rightSection={<IconX size={15} aria-hidden />}
          onClick={() => void navigate({ search: (old) => ({ ...old, batch: undefined }), replace: true })}
        >
          Of one list
        </Button>
      )}
    </div>
  );
}

/** Numbers that are not texted, and why. */
export function SuppressionsPage() {
  const { tab = 'numbers' } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('compliance.write');
  const superuser = Boolean(useMe().user?.superuser);
  const everywhere = tab === 'installation' && superuser;
  const [blocking, block] = useDisclosure();
  const [importing, bringIn] = useDisclosure();
  return (
    <Page
      title="Block list"
      description="Numbers that nothing is sent to. What a contact asked for, only they take back, with START."
      actions={
        (writes || everywhere) && (
          <Group gap="sm">
            {writes && !everywhere && (
              <Button variant="default" leftSection={<IconFileUpload size={17} />} onClick={bringIn.open}>
                Import a list
              </Button>
            )}
            <Button leftSection={<IconPlus size={17} />} onClick={block.open}>
              {everywhere ? 'Block for everybody' : 'Block a number'}
            </Button>
          </Group>
        )
      }
    >
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => void navigate({ search: { tab: TABS.find((t) => t === value) } })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="numbers">Numbers</Tabs.Tab>
          <Tabs.Tab value="lists">Imported lists</Tabs.Tab>
          {superuser && <Tabs.Tab value="installation">All organizations</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="numbers">
          <Filters reasons />
          <Entries />
        </Tabs.Panel>
        <Tabs.Panel value="lists">
          <Lists />
        </Tabs.Panel>
        {superuser && (
          <Tabs.Panel value="installation">
            <Filters reasons={false} />
            <Installation />
          </Tabs.Panel>
        )}
      </Tabs>
      <Modal
        opened={blocking}
        onClose={block.close}
        title={everywhere ? 'Block a number for every organization' : 'Block a number'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {blocking && <BlockForm everywhere={everywhere} onClose={block.close} />}
      </Modal>
      <Modal
        opened={importing}
        onClose={bringIn.close}
        size="lg"
        title="Import a list"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {importing && <ImportForm onClose={bringIn.close} />}
      </Modal>
    </Page>
  );
}

function Installation() {
  const { q, status } = route.useSearch();
  return <InstallationList q={q} ended={status === 'lifted'} />;
}
