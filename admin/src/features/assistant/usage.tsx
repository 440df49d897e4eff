import { Progress, SegmentedControl, Skeleton, Table, Text } from '@mantine/core';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api } from '@/api/client';
import type { AiUsage } from '@/api/types';
import { Card } from '@/components/page';
import { useNow } from '@/components/relative-time';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { formatCalendarDay } from '@/lib/time';
import { aiProviderName, formatUsd, percentOf } from '@/lib/turn';
import classes from './assistant.module.css';
import { SPANS } from './search';
import { budgetShare, callsByDay, sumOf } from './usage-days';

const UsageChart = lazy(() => import('./usage-chart').then((m) => ({ default: m.UsageChart })));

const route = getRouteApi('/app/assistant');
const number = new Intl.NumberFormat('en-US');

function Today({ usage }: { usage: AiUsage }) {
  const { today, budget_usd: budget } = usage;
  const share = budgetShare(today.cost_usd, budget);
  return (
    <div className={classes.today}>
      <div className={classes.todayTop}>
        <strong>{formatUsd(today.cost_usd)}</strong>
        <span>
          of {formatUsd(budget)} used today
          {share >= 1 && `, so no model is asked${budget > 0 ? ' until midnight UTC' : ''}`}
        </span>
      </div>
      <Progress
        value={percentOf(share)}
        size={10}
        color={share >= 1 ? 'red.5' : share >= 0.8 ? 'brass.4' : 'petrol.5'}
        aria-label="Share of today’s budget used"
      />
      <Text size="xs" c="dimmed" mt={6}>
        {number.format(today.calls)} {today.calls === 1 ? 'call' : 'calls'}, {number.format(today.failures)} failed ·{' '}
        {number.format(today.input_tokens)} tokens in, {number.format(today.output_tokens)} out
      </Text>
    </div>
  );
}

function UsageTable({ days }: { days: AiUsage['days'] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table scrolls, so it must be reachable by keyboard
    <section className={classes.tableScroll} tabIndex={0} aria-label="Use by day and model">
      <Table verticalSpacing={6} fz="sm" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Day</Table.Th>
            <Table.Th scope="col">Model</Table.Th>
            <Table.Th scope="col">Calls</Table.Th>
            <Table.Th scope="col">Failed</Table.Th>
            <Table.Th scope="col">Tokens in</Table.Th>
            <Table.Th scope="col">Tokens out</Table.Th>
            <Table.Th scope="col">Cost</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {days.map((row) => (
            <Table.Tr key={`${row.day} ${row.provider} ${row.model}`}>
              <Table.Td>{formatCalendarDay(row.day, { month: 'short', day: 'numeric' })}</Table.Td>
              <Table.Td className={classes.modelCell}>
                {row.model}
                <small>{aiProviderName(row.provider)}</small>
              </Table.Td>
              <Table.Td>{number.format(row.calls)}</Table.Td>
              <Table.Td data-bad={row.failures > 0 || undefined}>{number.format(row.failures)}</Table.Td>
              <Table.Td>{number.format(row.input_tokens)}</Table.Td>
              <Table.Td>{number.format(row.output_tokens)}</Table.Td>
              <Table.Td>{formatUsd(row.cost_usd)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th scope="row" colSpan={2}>
              Total
            </Table.Th>
            <Table.Td>{number.format(sumOf(days, 'calls'))}</Table.Td>
            <Table.Td>{number.format(sumOf(days, 'failures'))}</Table.Td>
            <Table.Td>{number.format(sumOf(days, 'input_tokens'))}</Table.Td>
            <Table.Td>{number.format(sumOf(days, 'output_tokens'))}</Table.Td>
            <Table.Td>{formatUsd(sumOf(days, 'cost_usd'))}</Table.Td>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </section>
  );
}

export function Usage() {
  const { days: span = 30 } = route.useSearch();
  const navigate = route.useNavigate();
  // Use is counted by the day in UTC, as the budget is.
  const today = new Date(useNow()).toISOString().slice(0, 10);
  const query = api.useQuery(
    'get',
    '/api/assistant/usage',
    { params: { query: { days: span } } },
    { placeholderData: keepPreviousData, refetchInterval: 15_000 },
  );
  const { data } = query;
  return (
    <Card
      title="Use and cost"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Days shown"
          value={String(span)}
          data={SPANS.map((days) => ({ value: String(days), label: `${days} days` }))}
          onChange={(value) => {
            const next = SPANS.find((days) => String(days) === value);
            void navigate({ search: { days: next === 30 ? undefined : next }, replace: true, resetScroll: false });
          }}
        />
      }
    >
      {!data && query.error && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      {!data && query.isPending && <SkeletonRows rows={3} />}
      {data && (
        <>
          <Today usage={data} />
          {data.days.length === 0 ? (
            <EmptyState title="No model was asked in this time">Everything was understood built in.</EmptyState>
          ) : (
            <>
              <Suspense fallback={<Skeleton height={220} radius="md" />}>
                <UsageChart days={callsByDay(data.days, today, span)} />
              </Suspense>
              <UsageTable days={data.days} />
            </>
          )}
        </>
      )}
    </Card>
  );
}
