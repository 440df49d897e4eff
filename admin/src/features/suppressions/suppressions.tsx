import { Button, Group, Modal, Select, Stack, Textarea, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import { IconPhoneOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Suppression } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { suppressionReason } from '@/lib/labels';
import { REASONS } from './search';
import classes from './suppressions.module.css';

const route = getRouteApi('/app/suppressions');

function BlockForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [number, setNumber] = useState('');
  const [reason, setReason] = useState('');
  const block = api.useMutation('post', '/api/suppressions', {
    onSuccess: async () => {
      notifyDone('Number blocked');
      onClose();
      await contactsChanged(client);
    },
  });
  const problem = block.error ? toProblem(block.error) : null;
  const other = problem && problem.fields.length === 0 ? problem.message : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        block.mutate({ body: { phone_number: number, reason: reason.trim() } });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Phone number"
          type="tel"
          required
          maxLength={40}
          data-autofocus
          value={number}
          error={problem?.field('phone_number') ?? other}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <Textarea
          label="Reason"
          description="For the record."
          required
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          error={problem?.field('reason')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={block.isPending} disabled={!number.trim() || !reason.trim()}>
            Block
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

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

function Row({ entry }: { entry: Suppression }) {
  const writes = useMay('compliance.write');
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
        <Pill tone={reason.tone}>{reason.label}</Pill>
        <span>
          {entry.created_by && `${entry.created_by}, `}
          <RelativeTime value={entry.created_at} />
        </span>
        {entry.lifted_at ? (
          <span>
            Ended <RelativeTime value={entry.lifted_at} />
          </span>
        ) : (
          writes && entry.reason === 'blocked' && <Lift entry={entry} />
        )}
      </span>
    </li>
  );
}

/** Numbers that are not texted, and why. */
export function SuppressionsPage() {
  const { q, reason, status } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('compliance.write');
  const [blocking, { open, close }] = useDisclosure();
  const search = useDebouncedCallback(
    (text: string) => void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined }), replace: true }),
    300,
  );
  const query = api.useInfiniteQuery(
    'get',
    '/api/suppressions',
    { params: { query: { q, reason, lifted: status === 'lifted', limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Block list"
      description="Numbers that nothing is sent to. What a contact asked for, only they take back, with START."
      actions={
        writes && (
          <Button leftSection={<IconPlus size={17} />} onClick={open}>
            Block a number
          </Button>
        )
      }
    >
      <div className={classes.filters}>
        <TextInput
          type="search"
          aria-label="Search the block list"
          placeholder="Name or number"
          w={{ base: '100%', xs: 240 }}
          leftSection={<IconSearch size={16} aria-hidden />}
          defaultValue={q ?? ''}
          onChange={(event) => search(event.currentTarget.value)}
        />
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
      </div>
      <Card flush>
        <ListState
          query={query}
          isEmpty={entries.length === 0}
          empty={<EmptyState icon={<IconPhoneOff size={24} stroke={1.7} />} title="No numbers here" />}
        >
          <ul className={classes.list} aria-label="Block list">
            {entries.map((entry) => (
              <Row key={entry.id} entry={entry} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <Modal opened={blocking} onClose={close} title="Block a number" closeButtonProps={{ 'aria-label': 'Close' }}>
        {blocking && <BlockForm onClose={close} />}
      </Modal>
    </Page>
  );
}
