import { Button, Group, SegmentedControl, SimpleGrid, Skeleton, Table, Text, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { api } from '@/api/client';
import { usePoll } from '@/api/live';
import { useZone } from '@/api/session';
import type { Dashboard, Figures } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { useNow } from '@/components/relative-time';
import { EmptyState, ErrorState } from '@/components/states';
import { channel, consentPurpose, humanize } from '@/lib/labels';
import { money } from '@/lib/money';
import { formatPhone } from '@/lib/phone';
import { dayKey, formatCalendarDay, zoneName } from '@/lib/time';
import { formatUsd } from '@/lib/turn';
import classes from './analytics.module.css';
import type { ChartPoint, ChartSeries } from './charts';
import {
  type Change,
  changeOf,
  count,
  duration,
  errorWords,
  pieceName,
  pointsOf,
  rate,
  sourceName,
  waited,
} from './figures';
import { csvAddress, lengthOf, type Period, periodOf, piecesFor, SPANS } from './search';

const SeriesChart = lazy(() => import('./charts').then((m) => ({ default: m.SeriesChart })));

const route = getRouteApi('/app/analytics');

const DELIVERY: ChartSeries[] = [
  { name: 'delivered', label: 'Delivered', color: 'green.5' },
  { name: 'sent', label: 'Sent', color: 'petrol.3' },
  { name: 'waiting', label: 'Waiting', color: 'gray.5' },
  { name: 'failed', label: 'Not delivered', color: 'red.4' },
  { name: 'canceled', label: 'Not sent', color: 'brass.4' },
];
const TALK: ChartSeries[] = [
  { name: 'texts_in', label: 'Received', color: 'petrol.3' },
  { name: 'texts_out', label: 'Written by us', color: 'petrol.6' },
];
const REACTIONS: ChartSeries[] = [
  { name: 'replies', label: 'Replies', color: 'petrol.5' },
  { name: 'opt_ins', label: 'Opt-ins', color: 'green.5' },
  { name: 'opt_outs', label: 'Opt-outs', color: 'red.4' },
];
const BOOKINGS: ChartSeries[] = [
  { name: 'booked', label: 'Made', color: 'green.5' },
  { name: 'moved', label: 'Moved', color: 'brass.4' },
  { name: 'cancelled', label: 'Cancelled', color: 'red.4' },
];
const VISITS: ChartSeries[] = [
  { name: 'visited', label: 'Came', color: 'green.5' },
  { name: 'no_shows', label: 'Did not come', color: 'red.4' },
];
const WAITS: ChartSeries[] = [
  { name: 'response_median_seconds', label: 'Half within', color: 'petrol.5' },
  { name: 'response_p90_seconds', label: 'Nine of ten within', color: 'brass.4' },
];
const AI: ChartSeries[] = [{ name: 'ai_cost_usd', label: 'Cost', color: 'petrol.5' }];

type TileProps = { label: string; value: string; aside?: ReactNode; change?: Change };

function Tile({ label, value, aside, change }: TileProps) {
  return (
    <div className={classes.tile}>
      <dt>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      <dd className={classes.aside}>
        {change && (
          <>
            <span className={classes.change}>{change.words}</span>
            {change.direction === 'same' ? '' : ' on the time before'}
            {aside && ' · '}
          </>
        )}
        {aside}
      </dd>
    </div>
  );
}

/** What was charged, in the currency that most was charged in. */
const textCost = ({ text_costs: [cost] }: Figures): string => (cost ? money(cost.amount, cost.currency) : '—');

function Tiles({ now, before }: { now: Figures; before: Figures }) {
  const left = now.sent + now.delivered + now.failed;
  const [cost] = now.text_costs;
  return (
    <dl className={classes.tiles} data-testid="tiles">
      <Tile
        label="Texts received"
        value={count(now.texts_in)}
        change={changeOf(now.texts_in, before.texts_in)}
        aside={`${count(before.texts_in)} before`}
      />
      <Tile
        label="Texts written by us"
        value={count(now.texts_out)}
        change={changeOf(now.texts_out, before.texts_out)}
        aside={`${count(now.segments)} parts`}
      />
      <Tile
        label="Delivered"
        value={rate(now.delivery_rate)}
        change={pointsOf(now.delivery_rate, before.delivery_rate)}
        aside={`${count(now.delivered)} delivered, ${count(now.failed)} not`}
      />
      <Tile
        label="Replies"
        value={count(now.replies)}
        change={changeOf(now.replies, before.replies)}
        aside={`${rate(now.reply_rate)} of ${count(left)} that left`}
      />
      <Tile
        label="Opt-out rate"
        value={rate(now.opt_out_rate)}
        change={pointsOf(now.opt_out_rate, before.opt_out_rate)}
        aside={`${count(now.opt_outs)} out, ${count(now.opt_ins)} in`}
      />
      <Tile
        label="Appointments made"
        value={count(now.booked)}
        change={changeOf(now.booked, before.booked)}
        aside={`${count(now.moved)} moved, ${count(now.cancelled)} cancelled`}
      />
      <Tile
        label="No-show rate"
        value={rate(now.no_show_rate)}
        change={pointsOf(now.no_show_rate, before.no_show_rate)}
        aside={`${count(now.no_shows)} did not come, ${count(now.visited)} did`}
      />
      <Tile
        label="Half answered"
        value={waited(now, now.response_median_seconds)}
        aside={`nine of ten ${waited(now, now.response_p90_seconds)} · ${count(now.responses)} answers`}
      />
      <Tile
        label="Language models"
        value={formatUsd(now.ai_cost_usd)}
        change={changeOf(now.ai_cost_usd, before.ai_cost_usd)}
        aside={`${count(now.ai_calls)} calls, ${count(now.ai_failures)} failed`}
      />
      <Tile
        label="Texts cost"
        value={textCost(now)}
        aside={cost ? `price known of ${count(cost.texts)} texts` : 'no price known yet'}
      />
    </dl>
  );
}

function pointsOfSeries(period: Dashboard['period']): ChartPoint[] {
  return period.series.map((piece) => {
    const { text_costs: _, ...numbers } = piece.figures;
    return { ...numbers, key: piece.starts_at, ...pieceName(piece, period.by, period.timezone) };
  });
}

const UNITS = { hour: 'Hour', day: 'Day', week: 'Week' } as const;

function Charts({ period }: { period: Dashboard['period'] }) {
  const points = pointsOfSeries(period);
  const unit = UNITS[period.by];
  const has = (series: ChartSeries[]) => points.some((point) => series.some(({ name }) => Boolean(point[name])));
  const chart = (
    caption: string,
    series: ChartSeries[],
    empty: string,
    more: { kind?: 'stacked' | 'bars' | 'line'; format?: (value: number) => string } = {},
  ) => (
    <Card title={caption} key={caption}>
      {has(series) ? (
        <Suspense fallback={<Skeleton height={270} radius="md" />}>
          <SeriesChart caption={caption} unit={unit} points={points} series={series} format={count} {...more} />
        </Suspense>
      ) : (
        <EmptyState title={empty} />
      )}
    </Card>
  );
  return (
    <div className={classes.charts}>
      {chart('Texts', TALK, 'No texts in this time', { kind: 'bars' })}
      {chart('What became of our texts', DELIVERY, 'Nothing was written in this time')}
      {chart('Replies, opt-ins and opt-outs', REACTIONS, 'Nobody replied or opted out', { kind: 'bars' })}
      {chart('Response times', WAITS, 'Nobody was answered in this time', { kind: 'line', format: duration })}
      {chart('Appointments made, moved, cancelled', BOOKINGS, 'No appointments were made in this time')}
      {chart('Appointments that began', VISITS, 'None was marked as visited or missed')}
      {chart('Cost of language models', AI, 'No model cost anything in this time', { format: formatUsd })}
    </div>
  );
}

function Numbers({ label, head, children }: { label: string; head: string[]; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, so it must be reachable by keyboard
    <section className={classes.tableScroll} tabIndex={0} aria-label={label}>
      <Table verticalSpacing={6} fz="sm" className={classes.numbers}>
        <Table.Thead>
          <Table.Tr>
            {head.map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}

function NumbersRow({ name, cells }: { name: ReactNode; cells: string[] }) {
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      {cells.map((cell, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
        <Table.Td key={n}>{cell}</Table.Td>
      ))}
    </Table.Tr>
  );
}

function Details({ breakdown }: { breakdown: Dashboard['breakdown'] }) {
  const { senders, errors, purposes, booking_sources: sources, campaigns, responses, models } = breakdown;
  const delivery = (figures: Figures) => [
    count(figures.texts_out),
    count(figures.delivered),
    count(figures.failed),
    rate(figures.delivery_rate),
  ];
  return (
    <div className={classes.details}>
      <Card title="By sender">
        {senders.length === 0 ? (
          <EmptyState title="No sender was used" />
        ) : (
          <Numbers label="By sender" head={['Sender', 'Received', 'Written', 'Delivered', 'Not', 'Rate', 'Cost']}>
            {senders.map(({ id, channel: kind, address, display_name: name, figures }) => (
              <NumbersRow
                key={id}
                name={
                  <>
                    {name || (address ? formatPhone(address) : 'A sender that was removed')}
                    {kind && <span className={classes.why}>{channel(kind).label}</span>}
                  </>
                }
                cells={[count(figures.texts_in), ...delivery(figures), textCost(figures)]}
              />
            ))}
          </Numbers>
        )}
      </Card>
      <Card title="Why texts were not delivered">
        {errors.length === 0 ? (
          <EmptyState title="Every text arrived, as far as is known" />
        ) : (
          <Numbers label="Why texts were not delivered" head={['Reason', 'Code', 'Texts']}>
            {errors.map((error) => (
              <NumbersRow
                key={error.code}
                name={
                  <>
                    {errorWords(error)}
                    {error.advice && <span className={classes.why}>{error.advice}</span>}
                  </>
                }
                cells={[error.code, count(error.texts)]}
              />
            ))}
          </Numbers>
        )}
      </Card>
      <Card title="By purpose">
        {purposes.length === 0 ? (
          <EmptyState title="Nothing was written" />
        ) : (
          <Numbers label="By purpose" head={['Purpose', 'Written', 'Delivered', 'Not', 'Rate', 'Replies']}>
            {purposes.map(({ purpose, figures }) => (
              <NumbersRow
                key={purpose}
                name={purpose === 'opt_out_confirmation' ? humanize(purpose) : consentPurpose(purpose).label}
                cells={[...delivery(figures), count(figures.replies)]}
              />
            ))}
          </Numbers>
        )}
      </Card>
      <Card title="Appointments by source">
        {sources.length === 0 ? (
          <EmptyState title="No appointments were made" />
        ) : (
          <Numbers label="Appointments by source" head={['By', 'Made', 'Moved', 'Cancelled']}>
            {sources.map(({ source, booked, moved, cancelled }) => (
              <NumbersRow key={source} name={sourceName(source)} cells={[booked, moved, cancelled].map(count)} />
            ))}
          </Numbers>
        )}
      </Card>
      <Card title="Campaigns">
        {campaigns.length === 0 ? (
          <EmptyState title="No campaign texted anybody" />
        ) : (
          <Numbers label="Campaigns" head={['Campaign', 'Texted', 'Replied', 'Clicked', 'Booked', 'Opted out']}>
            {campaigns.map(({ id, name, texted, replied, clicked, booked, opted_out: optedOut }) => (
              <NumbersRow
                key={id}
                name={
                  <AnchorLink to="/campaigns/$campaignId" params={{ campaignId: id }} inherit>
                    {name}
                  </AnchorLink>
                }
                cells={[texted, replied, clicked, booked, optedOut].map(count)}
              />
            ))}
          </Numbers>
        )}
      </Card>
      <Card title="How long people waited">
        {responses.length === 0 ? (
          <EmptyState title="Nobody was answered" />
        ) : (
          <Numbers label="How long people waited" head={['Answered', 'Texts']}>
            {responses.map(({ within_seconds: bound, count: texts }) => (
              <NumbersRow
                key={bound ?? 'more'}
                name={bound ? `within ${duration(bound)}` : 'later'}
                cells={[count(texts)]}
              />
            ))}
          </Numbers>
        )}
      </Card>
      <Card title="Language models">
        {models.length === 0 ? (
          <EmptyState title="No model was asked" />
        ) : (
          <Numbers label="Language models" head={['Model', 'Calls', 'Failed', 'Tokens in', 'Tokens out', 'Cost']}>
            {models.map((m) => (
              <NumbersRow
                key={m.model}
                name={m.model}
                cells={[...[m.calls, m.failures, m.input_tokens, m.output_tokens].map(count), formatUsd(m.cost_usd)]}
              />
            ))}
          </Numbers>
        )}
      </Card>
    </div>
  );
}

function Controls({ period }: { period: Period }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: typeof search) => void navigate({ search: next, replace: true, resetScroll: false });
  // Whatever is chosen by hand counts once both days make a period; until then the other one follows.
  const choose = (from: string, to: string, last: 'from' | 'to') => {
    if (!from || !to) return;
    const whole = lengthOf(from, to) !== undefined;
    const [first, second] = whole ? [from, to] : last === 'from' ? [from, from] : [to, to];
    if (lengthOf(first, second) !== undefined) go({ from: first, to: second, by: search.by });
  };
  return (
    <div className={classes.controls}>
      <SegmentedControl
        aria-label="Time shown"
        value={search.from ? 'own' : String(search.days ?? 30)}
        data={[
          ...SPANS.map((days) => ({ value: String(days), label: `${days} days` })),
          { value: 'own', label: 'Own' },
        ]}
        onChange={(value) => {
          const days = SPANS.find((span) => String(span) === value);
          if (days) go({ days: days === 30 ? undefined : days, by: search.by });
          else go({ from: period.from, to: period.to, by: search.by });
        }}
      />
      <Group gap={8}>
        <TextInput
          type="date"
          aria-label="First day"
          value={period.from}
          max={period.to}
          onChange={(event) => choose(event.currentTarget.value, period.to, 'from')}
        />
        <TextInput
          type="date"
          aria-label="Last day"
          value={period.to}
          min={period.from}
          onChange={(event) => choose(period.from, event.currentTarget.value, 'to')}
        />
      </Group>
      <SegmentedControl
        aria-label="Each bar is"
        value={period.by}
        data={piecesFor(period.days).map((by) => ({ value: by, label: UNITS[by] }))}
        onChange={(value) => go({ ...search, by: piecesFor(period.days).find((by) => by === value) })}
      />
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading">
      <div className={classes.tiles}>
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => (
          <Skeleton key={key} height={104} radius="lg" />
        ))}
      </div>
      <SimpleGrid cols={{ base: 1, lg: 2 }} mt="md">
        <Skeleton height={330} radius="lg" />
        <Skeleton height={330} radius="lg" />
      </SimpleGrid>
    </div>
  );
}

const day = (date: string) => formatCalendarDay(date, { month: 'short', day: 'numeric', year: 'numeric' });

export function AnalyticsPage() {
  const zone = useZone();
  const today = dayKey(useNow(), zone);
  const search = route.useSearch();
  const period = periodOf(search, today);
  const refetchInterval = usePoll(30_000);
  const query = api.useQuery(
    'get',
    '/api/analytics/dashboard',
    { params: { query: period.query } },
    { placeholderData: keepPreviousData, refetchInterval },
  );
  const { data } = query;
  return (
    <Page
      title="Analytics"
      description="How texting and appointments go, over time."
      actions={
        <Button
          component="a"
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          href={csvAddress(period)}
          download
        >
          Download CSV
        </Button>
      }
    >
      <Controls period={search.from || !data ? period : { ...period, from: data.period.from, to: data.period.to }} />
      {query.isPending && <Loading />}
      {query.error && !data && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      {data && (
        <div aria-busy={query.isPlaceholderData}>
          <p className={classes.note}>
            {day(data.period.from)} to {day(data.period.to)}, {zoneName(data.period.timezone)}. Beside it: the same
            length of time from {day(data.period.before.from)}. Texts count when they were written; everything else when
            it happened.
          </p>
          <Tiles now={data.period.totals} before={data.period.before.totals} />
          <Charts period={data.period} />
          <Details breakdown={data.breakdown} />
          <Text size="xs" c="dimmed" mt="md">
            A reply is a text within two days after one of ours. Response times are steps: half of the answers came
            within the time shown. What is erased stays counted.
          </Text>
        </div>
      )}
    </Page>
  );
}
