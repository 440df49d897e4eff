import { Alert, SimpleGrid, Skeleton, Text } from '@mantine/core';
import {
  IconAddressBook,
  IconAlertTriangle,
  IconCalendarCheck,
  IconDeviceMobileMessage,
  IconMessage,
  IconMessages,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { api } from '@/api/client';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMay, useMe } from '@/api/session';
import type { Dashboard, Figures } from '@/api/types';
import { Pill } from '@/components/badges';
import { AnchorLink, ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { PausedSenders } from '@/components/paused-senders';
import { EmptyState, ErrorState } from '@/components/states';
import { channel, inDeliveryOrder, messageStatus, type Tone } from '@/lib/labels';
import { formatPhone } from '@/lib/phone';
import classes from './dashboard.module.css';
import { healthSentence, readHealth } from './health';

const DailyCharts = lazy(() => import('./charts').then((m) => ({ default: m.DailyCharts })));

const DAYS = 14;
const number = new Intl.NumberFormat('en-US');

function HealthBanner() {
  const { data, error } = api.useQuery('get', '/api/health', {}, { refetchInterval: 15_000, retry: false });
  // Red is answered with 503, so it arrives as the error.
  const health = error ? readHealth(error) : data;
  const unreachable = error && !health;
  if (!unreachable && (!health || health.status === 'green')) return null;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle />}
      title="Part of Frontdesk is down"
      mb="lg"
      role="alert"
    >
      {health ? healthSentence(health) : toProblem(error).message}
    </Alert>
  );
}

/** Endpoints that the program switched off: nobody is told anything there until somebody looks. */
function WebhookAlert() {
  const manages = useMay('webhooks.manage');
  const { data } = api.useQuery(
    'get',
    '/api/webhook-endpoints',
    // Not the page's own key: that one holds an endless list in pages.
    { params: { query: { limit: 50 } } },
    { enabled: manages, refetchInterval: 60_000 },
  );
  const off = data?.items.filter((endpoint) => endpoint.disabled_reason) ?? [];
  if (off.length === 0) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title="A webhook was switched off" mb="lg">
      {off.length === 1 ? `${off[0]?.url} doesn’t take deliveries.` : `${off.length} endpoints don’t take deliveries.`}{' '}
      <AnchorLink to="/webhooks" search={{ endpoint: off[0]?.id }}>
        See what happened
      </AnchorLink>
    </Alert>
  );
}

function FirstRun() {
  return (
    <section className={classes.hint} aria-label="Getting started">
      <div className={classes.hintIcon} aria-hidden="true">
        <IconDeviceMobileMessage size={26} stroke={1.6} />
      </div>
      <div className={classes.hintText}>
        <h2>Text your own front desk</h2>
        <p>
          Nobody has written yet. Open the Simulator, ask for a time as a customer would, and watch the appointment
          appear. No phone or carrier needed.
        </p>
      </div>
      <ButtonLink to="/simulator" color="brass.4" c="#142022" size="md">
        Open the Simulator
      </ButtonLink>
    </section>
  );
}

type StatProps = { to: string; icon: ReactNode; label: string; value: number; note?: ReactNode };

function Stat({ to, icon, label, value, note }: StatProps) {
  return (
    <Link to={to} className={classes.stat}>
      <span className={classes.statLabel}>
        {icon}
        {label}
      </span>
      <span className={classes.statValue}>{number.format(value)}</span>
      <span className={classes.statNote}>{note}</span>
    </Link>
  );
}

function Stats({ data }: { data: Dashboard }) {
  const { inbound, outbound } = data.messages_today;
  return (
    <div className={classes.stats}>
      <Stat
        to="/conversations"
        icon={<IconMessage size={17} stroke={1.8} aria-hidden />}
        label="Messages today"
        value={inbound + outbound}
        note={`${number.format(inbound)} in, ${number.format(outbound)} out`}
      />
      <Stat
        to="/appointments"
        icon={<IconCalendarCheck size={17} stroke={1.8} aria-hidden />}
        label="Upcoming appointments"
        value={data.upcoming_appointments}
        note="from now on"
      />
      <Stat
        to="/conversations"
        icon={<IconMessages size={17} stroke={1.8} aria-hidden />}
        label="Open conversations"
        value={data.open_conversations}
        note="in the middle of something"
      />
      <Stat
        to="/contacts"
        icon={<IconAddressBook size={17} stroke={1.8} aria-hidden />}
        label="Contacts"
        value={data.contacts}
        note="in all"
      />
    </div>
  );
}

const TONE_BAR: Record<Tone, string> = {
  neutral: 'var(--mantine-color-gray-5)',
  info: 'var(--mantine-color-blue-4)',
  good: 'var(--mantine-color-green-5)',
  warn: 'var(--mantine-color-brass-4)',
  bad: 'var(--mantine-color-red-4)',
  accent: 'var(--mantine-color-petrol-5)',
};

function Delivery({ figures }: { figures: Figures }) {
  const { waiting, sent, delivered, failed, canceled } = figures;
  const counts = { queued: waiting, sent, delivered, failed, canceled };
  const delivery = Object.entries(counts).map(([status, count]) => ({ status, count }));
  const rows = inDeliveryOrder(delivery.filter((d) => d.count > 0));
  const total = rows.reduce((sum, d) => sum + d.count, 0);
  if (total === 0) return <EmptyState title="Nothing sent yet">Replies show here with how far they got.</EmptyState>;
  return (
    <ul className={classes.bars}>
      {rows.map(({ status, count }) => {
        const { label, tone } = messageStatus(status);
        return (
          <li key={status}>
            <span className={classes.barLabel}>{label}</span>
            <span className={classes.barTrack} aria-hidden="true">
              <span style={{ width: `${Math.max(1.5, (count / total) * 100)}%`, background: TONE_BAR[tone] }} />
            </span>
            <span className={classes.barValue}>{number.format(count)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Upcoming({ services }: { services: Dashboard['services'] }) {
  if (services.length === 0) return <EmptyState title="No services yet" />;
  return (
    <ul className={classes.rows}>
      {services.map((service) => (
        <li key={service.name}>
          <span>{service.name}</span>
          <strong>{number.format(service.upcoming)}</strong>
        </li>
      ))}
    </ul>
  );
}

function Senders({ senders }: { senders: Dashboard['senders'] }) {
  if (senders.length === 0) return <EmptyState title="No sender set up">Texts can’t leave without one.</EmptyState>;
  return (
    <ul className={classes.rows}>
      {senders.map((sender) => (
        <li key={`${sender.channel}:${sender.address}`}>
          <span>
            {sender.display_name ?? formatPhone(sender.address)}
            {sender.display_name && (
              <Text span size="xs" c="dimmed" display="block">
                {formatPhone(sender.address)}
              </Text>
            )}
          </span>
          <Pill tone={sender.paused_at ? 'warn' : 'neutral'} dot={false}>
            {sender.paused_at ? 'Paused' : channel(sender.channel).label}
          </Pill>
        </li>
      ))}
    </ul>
  );
}

function Jobs({ jobs }: { jobs: Dashboard['jobs'] }) {
  return (
    <>
      <ul className={classes.rows}>
        <li>
          <span>Queued</span>
          <strong>{number.format(jobs.queued)}</strong>
        </li>
        <li>
          <span>Running</span>
          <strong>{number.format(jobs.running)}</strong>
        </li>
        <li>
          <span>Dead</span>
          <strong data-bad={jobs.dead > 0 || undefined}>{number.format(jobs.dead)}</strong>
        </li>
      </ul>
      <Text size="sm" mt={10} c="dimmed">
        {jobs.dead > 0 ? (
          <AnchorLink to="/jobs" search={{ state: 'dead' }} size="sm" fw={600}>
            {jobs.dead === 1 ? 'Look at the dead job' : `Look at ${number.format(jobs.dead)} dead jobs`}
          </AnchorLink>
        ) : (
          'Nothing has given up.'
        )}
      </Text>
    </>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading">
      <div className={classes.stats}>
        {['a', 'b', 'c', 'd'].map((key) => (
          <Skeleton key={key} height={122} radius="lg" />
        ))}
      </div>
      <SimpleGrid cols={{ base: 1, lg: 2 }} mt="lg">
        <Skeleton height={330} radius="lg" />
        <Skeleton height={330} radius="lg" />
      </SimpleGrid>
    </div>
  );
}

export function DashboardPage() {
  const me = useMe();
  const refetchInterval = usePoll(20_000);
  const dashboard = api.useQuery(
    'get',
    '/api/analytics/dashboard',
    { params: { query: { days: DAYS } } },
    { refetchInterval },
  );
  const { data } = dashboard;
  return (
    <Page title="Dashboard" description={`What is going on at ${me.organization.name}.`}>
      <HealthBanner />
      <WebhookAlert />
      <PausedSenders />
      {dashboard.isPending && <Loading />}
      {dashboard.error && !data && <ErrorState error={dashboard.error} onRetry={() => dashboard.refetch()} />}
      {data && (
        <>
          {data.contacts === 0 && <FirstRun />}
          <Stats data={data} />
          <div className={classes.charts}>
            <Card
              title="Texts per day"
              aside={
                <Text size="xs" c="dimmed">
                  last {DAYS} days
                </Text>
              }
            >
              <Suspense fallback={<Skeleton height={250} radius="md" />}>
                <DailyCharts days={data.period.series} kind="messages" />
              </Suspense>
            </Card>
            <Card
              title="Bookings per day"
              aside={
                <Text size="xs" c="dimmed">
                  last {DAYS} days
                </Text>
              }
            >
              <Suspense fallback={<Skeleton height={250} radius="md" />}>
                <DailyCharts days={data.period.series} kind="bookings" />
              </Suspense>
            </Card>
          </div>
          <div className={classes.details}>
            <Card
              title="Delivery"
              className={classes.wide}
              aside={
                <AnchorLink to="/analytics" size="xs">
                  Analytics
                </AnchorLink>
              }
            >
              <Delivery figures={data.period.totals} />
            </Card>
            <Card title="Upcoming by service">
              <Upcoming services={data.services} />
            </Card>
            <Card title="Senders">
              <Senders senders={data.senders} />
            </Card>
            <Card title="Background jobs">
              <Jobs jobs={data.jobs} />
            </Card>
          </div>
        </>
      )}
    </Page>
  );
}
