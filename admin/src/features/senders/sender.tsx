import { Button, Group, Modal } from '@mantine/core';
import { IconArrowLeft, IconPencil } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { useAhead } from '@/api/clock';
import { useZone } from '@/api/session';
import type { SenderDetail } from '@/api/types';
import { Pill } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { PhoneNumber } from '@/components/person';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { channel } from '@/lib/labels';
import { areaText, carrierError, paceText, senderKind } from '@/lib/senders';
import { formatDateTime } from '@/lib/time';
import { AccountCard } from './account';
import { HealthBar, LastDay } from './health';
import { PauseButton, PausedNote } from './pause';
import { SenderForm } from './sender-form';
import classes from './senders.module.css';

const route = getRouteApi('/app/senders/$senderId');

function Facts({ sender }: { sender: SenderDetail }) {
  const zone = useZone();
  const facts: [string, string | number][] = [
    ['Kind', senderKind(sender.kind)],
    ['Area', areaText(sender.country, sender.area_code)],
    [
      'Pace',
      `${paceText(sender.per_second, sender.channel)}${sender.max_per_second ? '' : sender.per_second ? ' (usual)' : ''}`,
    ],
    ['A day', sender.max_per_day ? `${sender.max_per_day.toLocaleString('en-US')} segments` : 'No cap'],
    ['Waiting to leave', sender.waiting >= 1000 ? '1,000 and more' : sender.waiting],
    ['Since', formatDateTime(sender.created_at, zone)],
  ];
  return (
    <Card title="Details">
      <dl className={classes.facts}>
        <div>
          <dt>Number</dt>
          <dd>{sender.channel === 'simulator' ? 'Only in this dashboard' : <PhoneNumber value={sender.address} />}</dd>
        </div>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {sender.messaging_service_sid && (
          <div className={classes.wideFact}>
            <dt>Messaging service</dt>
            <dd>{sender.messaging_service_sid}</dd>
          </div>
        )}
      </dl>
    </Card>
  );
}

function Errors({ errors }: { errors: SenderDetail['errors'] }) {
  return (
    <Card title="What failed, last 7 days" flush>
      {errors.length === 0 ? (
        <EmptyState title="Nothing failed" />
      ) : (
        <ul className={classes.list} aria-label="Errors">
          {errors.map(({ code, count }) => (
            <li key={code} className={classes.error} data-testid="sender-error">
              <span>
                {carrierError(code)}
                <small>{code}</small>
              </span>
              <strong>{count.toLocaleString('en-US')}</strong>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** One sender: how it fares, what its texts failed with, and how fast it may send. */
export function SenderPage() {
  const { senderId } = route.useParams();
  // As it was when the form was opened: its version goes with the change.
  const [editing, setEditing] = useState<SenderDetail>();
  const close = () => setEditing(undefined);
  const query = api.useQuery(
    'get',
    '/api/senders/{id}',
    { params: { path: { id: senderId } } },
    { refetchInterval: 15_000 },
  );
  const { data: sender } = query;
  const ahead = useAhead();
  const above = (
    <ButtonLink to="/senders" variant="subtle" size="compact-sm" leftSection={<IconArrowLeft size={15} />} mb={8}>
      Senders
    </ButtonLink>
  );
  if (!sender) {
    return (
      <Page title="Sender" above={above}>
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => query.refetch()} />
        ) : (
          <Card>
            <SkeletonRows rows={4} />
          </Card>
        )}
      </Page>
    );
  }
  return (
    <Page
      title={sender.display_name}
      above={above}
      actions={
        <Group gap="sm">
          <Pill tone="neutral" dot={false}>
            {channel(sender.channel).label}
          </Pill>
          {!sender.archived_at && <PauseButton sender={sender} />}
          <Button size="xs" variant="default" leftSection={<IconPencil size={15} />} onClick={() => setEditing(sender)}>
            Edit
          </Button>
        </Group>
      }
    >
      <div className={classes.page}>
        <PausedNote sender={sender} />
        <div className={classes.columns}>
          <div className={classes.page}>
            <Card title="Delivery">
              <HealthBar health={sender.health} />
              <LastDay hours={sender.hours} now={query.dataUpdatedAt + ahead} />
            </Card>
            <Errors errors={sender.errors} />
          </div>
          <div className={classes.page}>
            <Facts sender={sender} />
            {(sender.channel === 'sms' || sender.channel === 'whatsapp') && (
              <AccountCard key={sender.id} sender={sender} />
            )}
          </div>
        </div>
      </div>
      <Modal opened={Boolean(editing)} onClose={close} title="Edit sender" closeButtonProps={{ 'aria-label': 'Close' }}>
        {editing && <SenderForm sender={editing} onClose={close} />}
      </Modal>
    </Page>
  );
}
