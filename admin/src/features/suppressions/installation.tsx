import { Button, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPhoneOff } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { InstallationSuppression } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatDateTime } from '@/lib/time';
import classes from './suppressions.module.css';

function Lift({ entry }: { entry: InstallationSuppression }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const lift = api.useMutation('delete', '/api/installation/suppressions/{id}', {
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
        Lift<VisuallyHidden> the block on {entry.phone_number} for everybody</VisuallyHidden>
      </Button>
      <Confirm
        opened={opened}
        title="Lift this block for every organization?"
        confirmLabel="Lift it"
        keepLabel="Keep it"
        color="petrol"
        busy={lift.isPending}
        onClose={close}
        onConfirm={() => lift.mutate({ params: { path: { id: entry.id } } })}
      >
        The number may be texted again, as far as this list goes.
      </Confirm>
    </>
  );
}

function Row({ entry, ended }: { entry: InstallationSuppression; ended: boolean }) {
  const zone = useZone();
  return (
    <li className={classes.row} data-testid="installation-suppression">
      <span className={classes.who}>
        <PhoneNumber value={entry.phone_number} />
        <small>{entry.note}</small>
      </span>
      <span className={classes.end}>
        {entry.expires_at && !entry.lifted_at && (
          <Pill tone="neutral">{`${ended ? 'Ended' : 'Until'} ${formatDateTime(entry.expires_at, zone)}`}</Pill>
        )}
        <span>
          {entry.created_by}, <RelativeTime real value={entry.created_at} />
        </span>
        {entry.lifted_at ? (
          <span>
            Ended <RelativeTime real value={entry.lifted_at} />
            {entry.lifted_by && ` by ${entry.lifted_by}`}
          </span>
        ) : (
          !ended && <Lift entry={entry} />
        )}
      </span>
    </li>
  );
}

/** Numbers that no organization of the installation may text. For superusers. */
export function InstallationList({ q, ended }: { q: string | undefined; ended: boolean }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/installation/suppressions',
    { params: { query: { q, lifted: ended, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <ListState
        query={query}
        isEmpty={entries.length === 0}
        empty={
          <EmptyState icon={<IconPhoneOff size={24} stroke={1.7} />} title="No numbers here">
            What is on this list is not texted by any organization of the installation.
          </EmptyState>
        }
      >
        <ul className={classes.list} aria-label="Blocked for every organization">
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} ended={ended} />
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}
