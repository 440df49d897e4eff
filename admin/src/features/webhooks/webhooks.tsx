import { Alert, Anchor, Button, Code, Drawer, Group, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlertTriangle, IconKey, IconPlus, IconTrash, IconWebhook } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { webhooksChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { WebhookEndpoint } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { Deliveries } from './deliveries';
import { EndpointForm } from './endpoint-form';
import { eventsSentence, SNIPPET } from './events';
import { SecretModal } from './secret';
import classes from './webhooks.module.css';

const route = getRouteApi('/app/webhooks');

function StateOf({ endpoint }: { endpoint: WebhookEndpoint }) {
  if (endpoint.disabled_reason) return <Pill tone="bad">Switched off by itself</Pill>;
  if (!endpoint.enabled) return <Pill tone="neutral">Off</Pill>;
  return endpoint.failing_since ? <Pill tone="warn">Failing</Pill> : <Pill tone="good">On</Pill>;
}

function WhyOff({ endpoint }: { endpoint: WebhookEndpoint }) {
  if (!endpoint.disabled_reason) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title="Frontdesk switched it off" mb="md">
      {endpoint.disabled_reason === 'gone'
        ? 'It answered 410: it is gone for good.'
        : 'Every delivery failed for five days.'}{' '}
      Once it works again, switch it on and send again what failed.
    </Alert>
  );
}

function Rotate({ endpoint, onSecret }: { endpoint: WebhookEndpoint; onSecret: (secret: string) => void }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const rotate = api.useMutation('post', '/api/webhook-endpoints/{id}/rotate-secret', {
    onSuccess: async ({ secret }) => {
      close();
      onSecret(secret);
      await webhooksChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t make a new secret', toProblem(error)),
  });
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconKey size={15} />} onClick={open}>
        New secret
      </Button>
      <Confirm
        opened={opened}
        title="Make a new secret?"
        confirmLabel="Make a new one"
        keepLabel="Keep this one"
        color="petrol"
        busy={rotate.isPending}
        onClose={close}
        onConfirm={() => rotate.mutate({ params: { path: { id: endpoint.id } } })}
      >
        The present secret goes on signing beside the new one for 24 hours, so that your receiver can change over.
      </Confirm>
    </>
  );
}

function Remove({ endpoint, onGone }: { endpoint: WebhookEndpoint; onGone: () => void }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/webhook-endpoints/{id}', {
    onSuccess: async () => {
      notifyDone('Endpoint deleted', endpoint.url);
      onGone();
      await webhooksChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t delete the endpoint', toProblem(error)),
  });
  return (
    <>
      <Button variant="default" size="xs" c="red" leftSection={<IconTrash size={15} />} onClick={open}>
        Delete
      </Button>
      <Confirm
        opened={opened}
        title="Delete this endpoint?"
        confirmLabel="Delete"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: endpoint.id } } })}
      >
        {endpoint.url} is told nothing more, and what is known of its deliveries goes too.
      </Confirm>
    </>
  );
}

type OpenProps = { id: string; onSecret: (secret: string) => void; onClose: () => void };

function Existing({ id, onSecret, onClose }: OpenProps) {
  const query = api.useQuery('get', '/api/webhook-endpoints/{id}', { params: { path: { id } } });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={4} />;
  const endpoint = query.data;
  return (
    <>
      <WhyOff endpoint={endpoint} />
      <Text size="sm" fw={600} mb="xs" className={classes.address}>
        {endpoint.url}
      </Text>
      <Group justify="space-between" mb="md" gap="sm">
        <StateOf endpoint={endpoint} />
        <Group gap="xs">
          <Rotate endpoint={endpoint} onSecret={onSecret} />
          <Remove endpoint={endpoint} onGone={onClose} />
        </Group>
      </Group>
      {endpoint.previous_secret_until && Date.parse(endpoint.previous_secret_until) > Date.now() && (
        <Text size="sm" c="dimmed" mb="md">
          The secret before signs too until <RelativeTime real value={endpoint.previous_secret_until} />.
        </Text>
      )}
      <Tabs defaultValue="deliveries" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="deliveries">Deliveries</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="deliveries">
          <Deliveries endpoint={endpoint} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <EndpointForm live={endpoint} onSecret={onSecret} onClose={onClose} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Row({ endpoint }: { endpoint: WebhookEndpoint }) {
  return (
    <li className={classes.row} data-testid="webhook-endpoint">
      <div className={classes.what}>
        <h3>
          <Link to="/webhooks" search={{ endpoint: endpoint.id }}>
            {endpoint.url}
          </Link>
        </h3>
        <span className={classes.facts}>
          {endpoint.description && `${endpoint.description} · `}
          {eventsSentence(endpoint.events)}
          {endpoint.failing_since && (
            <>
              {' '}
              · failing since <RelativeTime real value={endpoint.failing_since} />
            </>
          )}
        </span>
      </div>
      <StateOf endpoint={endpoint} />
    </li>
  );
}

export function WebhooksPage() {
  const { endpoint: open } = route.useSearch();
  const navigate = route.useNavigate();
  const [secret, setSecret] = useState<string>();
  const query = api.useInfiniteQuery(
    'get',
    '/api/webhook-endpoints',
    { params: { query: { limit: 100 } } },
    { ...keyset, refetchInterval: 10_000 },
  );
  const endpoints = query.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => void navigate({ search: {} });
  return (
    <Page
      title="Webhooks"
      description="Your own systems are told what happens here, as it happens."
      actions={
        <ButtonLink to="/webhooks" search={{ endpoint: 'new' }} leftSection={<IconPlus size={17} />}>
          New endpoint
        </ButtonLink>
      }
    >
      <div className={classes.columns}>
        <Card title="Endpoints" flush>
          <ListState
            query={query}
            isEmpty={endpoints.length === 0}
            empty={
              <EmptyState icon={<IconWebhook size={24} stroke={1.7} />} title="Nobody is told anything yet">
                <Text size="sm">
                  Add an address of yours, and texts, bookings and opt-outs are posted to it as JSON, signed.
                </Text>
              </EmptyState>
            }
          >
            <ul className={classes.list} aria-label="Endpoints">
              {endpoints.map((endpoint) => (
                <Row key={endpoint.id} endpoint={endpoint} />
              ))}
            </ul>
            <LoadMore query={query} />
          </ListState>
        </Card>
        <Card title="How to verify a delivery">
          <Text size="sm" mb="sm">
            Deliveries follow{' '}
            <Anchor underline="always" href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer" inherit>
              Standard Webhooks
            </Anchor>
            , which has libraries for most languages. By hand, in Node.js:
          </Text>
          <Code block className={classes.snippet} tabIndex={0}>
            {SNIPPET}
          </Code>
          <Text size="sm" mt="sm" c="dimmed">
            Answer 2xx within 15 seconds. Anything else is tried again, eight times over about 28 hours, with the same
            webhook-id: drop what you have already. 410 ends it.
          </Text>
        </Card>
      </div>
      <Drawer
        opened={open !== undefined}
        onClose={close}
        position="right"
        size="lg"
        title={open === 'new' ? 'New endpoint' : 'Endpoint'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {open === 'new' && <EndpointForm live={undefined} onSecret={setSecret} onClose={close} />}
        {open && open !== 'new' && <Existing key={open} id={open} onSecret={setSecret} onClose={close} />}
      </Drawer>
      <SecretModal secret={secret} onClose={() => setSecret(undefined)} />
    </Page>
  );
}
