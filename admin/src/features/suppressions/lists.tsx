import { Button, Group, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFileUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { SuppressionBatch } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatDateTime } from '@/lib/time';
import classes from './suppressions.module.css';

function Undo({ batch }: { batch: SuppressionBatch }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const undo = api.useMutation('post', '/api/suppressions/batches/{id}/undo', {
    onSuccess: () => notifyDone('List taken back'),
    onError: (error) => notifyProblem('Couldn’t take the list back', toProblem(error)),
    onSettled: () => {
      close();
      return contactsChanged(client);
    },
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        Take back<VisuallyHidden> the list {batch.note}</VisuallyHidden>
      </Button>
      <Confirm
        opened={opened}
        title="Take this list back?"
        confirmLabel="Take it back"
        keepLabel="Keep it"
        color="petrol"
        busy={undo.isPending}
        onClose={close}
        onConfirm={() => undo.mutate({ params: { path: { id: batch.id } } })}
      >
        The numbers that it put on the block list may be texted again. What is there for another reason stays.
      </Confirm>
    </>
  );
}

function Row({ batch }: { batch: SuppressionBatch }) {
  const writes = useMay('compliance.write');
  const zone = useZone();
  return (
    <li className={classes.row} data-testid="suppression-list">
      <span className={classes.who}>
        <AnchorLink to="/suppressions" search={{ batch: batch.id }} inherit>
          {batch.note}
        </AnchorLink>
        <small>
          {batch.added.toLocaleString('en-US')} added
          {!batch.undone_at && `, ${batch.active.toLocaleString('en-US')} in force`}
          {batch.expires_at && `, until ${formatDateTime(batch.expires_at, zone)}`}
        </small>
      </span>
      <span className={classes.end}>
        <span>
          {batch.created_by && `${batch.created_by}, `}
          <RelativeTime value={batch.created_at} />
        </span>
        {batch.undone_at ? <Pill tone="neutral">Taken back</Pill> : writes && <Undo batch={batch} />}
      </span>
    </li>
  );
}

/** Lists of numbers that were brought in. */
export function Lists() {
  const query = api.useInfiniteQuery('get', '/api/suppressions/batches', { params: { query: { limit: 50 } } }, keyset);
  const batches = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <ListState
        query={query}
        isEmpty={batches.length === 0}
        empty={
          <EmptyState icon={<IconFileUpload size={24} stroke={1.7} />} title="No lists yet">
            Bring in a do-not-call list as CSV; it can be taken back as a whole.
          </EmptyState>
        }
      >
        <ul className={classes.list} aria-label="Imported lists">
          {batches.map((batch) => (
            <Row key={batch.id} batch={batch} />
          ))}
        </ul>
        <Group justify="center">
          <LoadMore query={query} />
        </Group>
      </ListState>
    </Card>
  );
}
