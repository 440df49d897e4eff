import { Button, Collapse, Group, SegmentedControl, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconRefresh, IconSend } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { webhooksChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { WebhookDelivery, WebhookEndpoint } from '@/api/types';
import { WebhookStatusBadge } from '@/components/badges';
import { notifyDone, notifyProblem } from '@/components/notify';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import classes from './webhooks.module.css';

function shownPayload(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

function Tries({ delivery }: { delivery: WebhookDelivery }) {
  const query = api.useQuery(
    'get',
    '/api/webhook-deliveries/{id}',
    { params: { path: { id: delivery.id } } },
    { refetchInterval: delivery.status === 'pending' ? 3_000 : false },
  );
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={2} />;
  return (
    <div className={classes.detail}>
      {query.data.tries.length === 0 && <p className={classes.facts}>Not tried yet.</p>}
      <ol className={classes.tries} aria-label="Tries">
        {query.data.tries.map((one) => (
          <li key={one.id} data-testid="webhook-try">
            <span className={classes.facts}>
              Try {one.number} · {one.status_code ? `answered ${one.status_code}` : one.error} · {one.duration_ms} ms ·{' '}
              <RelativeTime real value={one.started_at} />
            </span>
            {one.answer && (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, so the block must be reachable
              <pre className={classes.payload} tabIndex={0}>
                {one.answer}
              </pre>
            )}
          </li>
        ))}
      </ol>
      <p className={classes.facts}>Sent as {delivery.webhook_id}:</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, so the block must be reachable */}
      <pre className={classes.payload} tabIndex={0}>
        {shownPayload(query.data.payload)}
      </pre>
    </div>
  );
}

function Row({ delivery, enabled }: { delivery: WebhookDelivery; enabled: boolean }) {
  const client = useQueryClient();
  const [opened, { toggle }] = useDisclosure();
  const replay = api.useMutation('post', '/api/webhook-deliveries/{id}/replay', {
    onSuccess: async () => {
      notifyDone('On its way again', delivery.event_type);
      await webhooksChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t send it again', toProblem(error)),
  });
  return (
    <li className={classes.delivery} data-testid="webhook-delivery" data-status={delivery.status}>
      <div className={classes.deliveryTop}>
        <div className={classes.what}>
          <span className={classes.kind}>{delivery.event_type}</span>
          <span className={classes.facts}>
            <RelativeTime real value={delivery.created_at} /> · {delivery.attempts}{' '}
            {delivery.attempts === 1 ? 'try' : 'tries'}
            {delivery.status === 'pending' && delivery.next_attempt_at && (
              <>
                {' '}
                · next <RelativeTime real value={delivery.next_attempt_at} />
              </>
            )}
          </span>
        </div>
        <Group gap="xs">
          <WebhookStatusBadge value={delivery.status} />
          {delivery.status !== 'pending' && enabled && (
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconRefresh size={15} />}
              loading={replay.isPending}
              onClick={() => replay.mutate({ params: { path: { id: delivery.id } } })}
              aria-label={`Send ${delivery.event_type} again`}
            >
              Again
            </Button>
          )}
        </Group>
      </div>
      {delivery.last_error && <p className={classes.error}>{delivery.last_error}</p>}
      <UnstyledButton className={classes.more} onClick={toggle} aria-expanded={opened}>
        Tries and payload
        <IconChevronDown size={14} aria-hidden className={classes.chevron} data-opened={opened || undefined} />
      </UnstyledButton>
      <Collapse expanded={opened}>{opened && <Tries delivery={delivery} />}</Collapse>
    </li>
  );
}

const FILTERS = ['all', 'failed', 'pending'] as const;

export function Deliveries({ endpoint }: { endpoint: WebhookEndpoint }) {
  const client = useQueryClient();
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>('all');
  const path = { id: endpoint.id };
  const query = api.useInfiniteQuery(
    'get',
    '/api/webhook-endpoints/{id}/deliveries',
    { params: { path, query: { limit: 30, ...(filter === 'all' ? {} : { status: filter }) } } },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval: 3_000 },
  );
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const test = api.useMutation('post', '/api/webhook-endpoints/{id}/test', {
    onSuccess: () => webhooksChanged(client),
    onError: (error) => notifyProblem('Couldn’t send a test', toProblem(error)),
  });
  const replay = api.useMutation('post', '/api/webhook-endpoints/{id}/replay', {
    onSuccess: async ({ replayed }) => {
      notifyDone('Everything that failed', `${replayed} on their way again`);
      await webhooksChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t send them again', toProblem(error)),
  });
  const since = () => new Date(Date.now() - 30 * 86_400_000).toISOString();
  return (
    <section aria-label="Deliveries">
      <div className={classes.deliveriesHead}>
        <SegmentedControl
          size="xs"
          aria-label="Deliveries"
          value={filter}
          data={FILTERS.map((value) => ({ value, label: value[0]?.toUpperCase() + value.slice(1) }))}
          onChange={(value) => setFilter(FILTERS.find((f) => f === value) ?? 'all')}
        />
        <Group gap="xs">
          {filter === 'failed' && rows.length > 0 && endpoint.enabled && (
            <Button
              size="xs"
              variant="default"
              loading={replay.isPending}
              onClick={() => replay.mutate({ params: { path }, body: { since: since() } })}
            >
              Send all again
            </Button>
          )}
          <Button
            size="xs"
            variant="light"
            leftSection={<IconSend size={15} />}
            loading={test.isPending}
            onClick={() => test.mutate({ params: { path } })}
          >
            Send a test
          </Button>
        </Group>
      </div>
      <ListState
        query={query}
        isEmpty={rows.length === 0}
        empty={
          <EmptyState icon={<IconSend size={24} stroke={1.7} />} title="Nothing here">
            <Text size="sm">What is sent to this endpoint shows here for 30 days.</Text>
          </EmptyState>
        }
      >
        <ul className={classes.list} aria-label="Deliveries">
          {rows.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} enabled={endpoint.enabled} />
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
    </section>
  );
}
