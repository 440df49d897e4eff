import { Button, Group, Modal, SegmentedControl, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSend } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { sendersChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Sender } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { PhoneNumber } from '@/components/person';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { channel } from '@/lib/labels';
import { areaText, paceText, senderKind } from '@/lib/senders';
import { HealthBar } from './health';
import { PauseButton, PausedNote } from './pause';
import { PricesCard } from './prices';
import { SenderForm } from './sender-form';
import classes from './senders.module.css';

function Row({ sender, onEdit }: { sender: Sender; onEdit: () => void }) {
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure();
  const onSettled = () => sendersChanged(client);
  const remove = api.useMutation('delete', '/api/senders/{id}', {
    onSuccess: () => notifyDone('Sender removed', sender.display_name),
    onError: (error) => notifyProblem('Couldn’t remove the sender', toProblem(error)),
    onSettled: () => {
      close();
      return onSettled();
    },
  });
  const restore = api.useMutation('patch', '/api/senders/{id}', {
    onError: (error) => notifyProblem('Couldn’t take it back into use', toProblem(error)),
    onSettled,
  });
  const params = { path: { id: sender.id } };
  return (
    <li className={classes.row} data-testid="sender">
      <span className={classes.name}>
        <AnchorLink to="/senders/$senderId" params={{ senderId: sender.id }} inherit>
          {sender.display_name}
        </AnchorLink>{' '}
        <Pill tone="neutral" dot={false}>
          {channel(sender.channel).label}
        </Pill>
        <small>
          {sender.channel === 'simulator' ? (
            'Only in this dashboard'
          ) : (
            <>
              <PhoneNumber value={sender.address} /> · {senderKind(sender.kind)} ·{' '}
              {areaText(sender.country, sender.area_code)} · {paceText(sender.per_second, sender.channel)}
            </>
          )}
          {sender.messaging_service_sid && ` · ${sender.messaging_service_sid}`}
        </small>
      </span>
      <span className={classes.end}>
        {sender.archived_at ? (
          <Button
            size="xs"
            variant="default"
            loading={restore.isPending}
            onClick={() => restore.mutate({ params, body: { archived: false } })}
          >
            Use again<VisuallyHidden>: {sender.display_name}</VisuallyHidden>
          </Button>
        ) : (
          <>
            <PauseButton sender={sender} />
            <Button size="xs" variant="default" onClick={onEdit}>
              Edit<VisuallyHidden> {sender.display_name}</VisuallyHidden>
            </Button>
            {sender.channel !== 'simulator' && (
              <Button size="xs" variant="subtle" color="red" onClick={open}>
                Remove<VisuallyHidden> {sender.display_name}</VisuallyHidden>
              </Button>
            )}
          </>
        )}
      </span>
      {!sender.archived_at && (
        <div className={classes.below}>
          <PausedNote sender={sender} />
          <HealthBar health={sender.health} />
        </div>
      )}
      <Confirm
        opened={asking}
        title="Remove this sender?"
        confirmLabel="Remove"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params })}
      >
        No conversation begins from it any more. If there are conversations with it, it is archived and texts to it
        still come in; otherwise it is deleted.
      </Confirm>
    </li>
  );
}

/** The addresses texts go out from, how fast, and how they fare. */
export function SendersPage() {
  const [shown, setShown] = useState('active');
  const [edited, setEdited] = useState<Sender | 'new'>();
  const query = api.useInfiniteQuery(
    'get',
    '/api/senders',
    { params: { query: { archived: shown === 'archived', limit: 50 } } },
    { ...keyset, refetchInterval: 30_000 },
  );
  const senders = query.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => setEdited(undefined);
  return (
    <Page
      title="Senders"
      description="The numbers you text from. Contacts hear from the one they know; somebody new from the nearest healthy one."
      actions={
        <Group gap="sm">
          <SegmentedControl
            aria-label="Which senders"
            value={shown}
            onChange={setShown}
            data={[
              { value: 'active', label: 'In use' },
              { value: 'archived', label: 'Archived' },
            ]}
          />
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited('new')}>
            New sender
          </Button>
        </Group>
      }
    >
      <Card flush>
        <ListState
          query={query}
          isEmpty={senders.length === 0}
          skeleton={<SkeletonRows rows={3} />}
          empty={<EmptyState icon={<IconSend size={24} stroke={1.7} />} title="No senders here" />}
        >
          <ul className={classes.list} aria-label="Senders">
            {senders.map((sender) => (
              <Row key={sender.id} sender={sender} onEdit={() => setEdited(sender)} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <PricesCard />
      <Modal
        opened={edited !== undefined}
        onClose={close}
        title={edited === 'new' ? 'New sender' : 'Edit sender'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {edited && <SenderForm sender={edited === 'new' ? undefined : edited} onClose={close} />}
      </Modal>
    </Page>
  );
}
