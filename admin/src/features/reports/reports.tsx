import { Alert, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFlag, IconPlus, IconSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { usePoll } from '@/api/live';
import { useMay } from '@/api/session';
import type { Report } from '@/api/types';
import { PriorityBadge, ReportStatusBadge } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { reportPriority, reportStatus } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { ReportDrawer } from './report-drawer';
import classes from './reports.module.css';
import { opener, statusQuery } from './rules';
import { PRIORITIES, reportsSearch, STATUSES } from './search';

const route = getRouteApi('/app/reports');

function Row({ report }: { report: Report }) {
  return (
    <li className={classes.row} data-testid="report-row" data-status={report.status}>
      <div className={classes.text}>
        <h2>
          <Link to="/reports" search={(old) => ({ ...reportsSearch(old), report: report.id })}>
            <span className={classes.number}>#{report.number}</span> {report.subject}
          </Link>
        </h2>
        <p className={classes.facts}>
          {report.contact && `${personName(report.contact)} · `}
          {opener(report)} · <RelativeTime value={report.created_at} />
          {report.assignee ? ` · ${report.assignee.display_name} has it` : ' · nobody has it'}
        </p>
      </div>
      <div className={classes.tags}>
        {report.priority !== 'normal' && <PriorityBadge value={report.priority} />}
        <ReportStatusBadge value={report.status} />
      </div>
    </li>
  );
}

export function ReportsPage() {
  const { report: open, view, status, priority, q } = route.useSearch();
  const navigate = route.useNavigate();
  const reads = useMay('reports.read');
  const writes = useMay('team.write');
  const mine = view === 'mine' || !reads;
  const [typed, setTyped] = useState(q ?? '');
  const search = useDebouncedCallback((text: string) => {
    void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined }), replace: true });
  }, 300);
  const params = { limit: 50, ...statusQuery(status), ...(priority && { priority }), ...(q && { q }) };
  // Who sees only their own is not told.
  const told = usePoll(10_000);
  const refetchInterval = reads ? told : 10_000;
  const options = { ...keyset, placeholderData: keepPreviousData, refetchInterval };
  const all = api.useInfiniteQuery(
    'get',
    '/api/reports',
    { params: { query: params } },
    { ...options, enabled: !mine },
  );
  const own = api.useInfiniteQuery(
    'get',
    '/api/reports/mine',
    { params: { query: params } },
    { ...options, enabled: mine },
  );
  const query = mine ? own : all;
  const reports = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Reports"
      description="Matters that contacts or colleagues raised, until they are settled."
      actions={
        writes && (
          <ButtonLink
            to="/reports"
            search={(old) => ({ ...reportsSearch(old), report: 'new' })}
            leftSection={<IconPlus size={17} />}
          >
            New report
          </ButtonLink>
        )
      }
    >
      {!reads && (
        <Alert color="gray" variant="light" mb="md">
          Your role sees the reports you opened or were given.
        </Alert>
      )}
      <div className={classes.filters}>
        {reads && (
          <SegmentedControl
            aria-label="Whose reports"
            value={mine ? 'mine' : 'all'}
            data={[
              { value: 'all', label: 'Everybody’s' },
              { value: 'mine', label: 'Mine' },
            ]}
            onChange={(value) =>
              void navigate({
                search: (old) => ({ ...old, view: value === 'mine' ? 'mine' : undefined }),
                replace: true,
              })
            }
          />
        )}
        <Select
          aria-label="State"
          placeholder="Not resolved"
          clearable
          value={status ?? null}
          data={STATUSES.map((s) => ({ value: s, label: s === 'any' ? 'In any state' : reportStatus(s).label }))}
          onChange={(value) =>
            void navigate({
              search: (old) => ({ ...old, status: STATUSES.find((s) => s === value) }),
              replace: true,
            })
          }
        />
        <Select
          aria-label="Priority"
          placeholder="Any priority"
          clearable
          value={priority ?? null}
          data={PRIORITIES.map((p) => ({ value: p, label: reportPriority(p).label }))}
          onChange={(value) =>
            void navigate({
              search: (old) => ({ ...old, priority: PRIORITIES.find((p) => p === value) }),
              replace: true,
            })
          }
        />
        <TextInput
          aria-label="Search reports"
          placeholder="Words, or #12"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
        />
      </div>
      <Card flush>
        <ListState
          query={query}
          isEmpty={reports.length === 0}
          skeleton={<SkeletonRows rows={4} height={56} />}
          empty={
            <EmptyState icon={<IconFlag size={24} stroke={1.7} />} title="No reports here">
              A contact opens one by texting “report a problem”, a colleague with the button above.
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="Reports">
            {reports.map((report) => (
              <Row key={report.id} report={report} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <ReportDrawer
        id={open}
        onOpened={(id) => void navigate({ search: (old) => ({ ...old, report: id }), replace: true })}
        onClose={() => void navigate({ search: (old) => ({ ...old, report: undefined }) })}
      />
    </Page>
  );
}
