import { Button, Collapse, SegmentedControl, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconRefresh, IconStack2 } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { toProblem } from '@/api/problem';
import type { Job } from '@/api/types';
import { JobStateBadge } from '@/components/badges';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { jobState } from '@/lib/labels';
import classes from './jobs.module.css';
import { STATES } from './search';

const route = getRouteApi('/app/jobs');

const EMPTY: Record<string, [title: string, text: string]> = {
  dead: ['No dead jobs', 'Work that ran out of attempts would wait here for a retry.'],
  queued: ['Nothing is queued', 'Work waits here until a worker takes it.'],
  running: ['Nothing is running', 'Most jobs take milliseconds, so this is the usual sight.'],
  done: ['Nothing is done yet', 'Finished work shows here for a while.'],
};

function Row({ job }: { job: Job }) {
  const client = useQueryClient();
  const [opened, { toggle }] = useDisclosure();
  const retry = api.useMutation('post', '/api/jobs/{id}/retry', {
    onSuccess: async () => {
      notifyDone('Job queued again', job.kind);
      await client.invalidateQueries({
        predicate: ({ queryKey }) => ['/api/jobs', '/api/analytics/dashboard'].includes(String(queryKey[1])),
      });
    },
    onError: (error) => notifyProblem('Couldn’t retry the job', toProblem(error)),
  });
  return (
    <li className={classes.row} data-testid="job-row">
      <div className={classes.top}>
        <div className={classes.what}>
          <span className={classes.kind}>{job.kind}</span>
          <span className={classes.facts}>
            queue {job.queue} · attempt {job.attempts} of {job.max_attempts} ·{' '}
            {job.state === 'queued' ? 'due ' : 'last due '}
            <RelativeTime real value={job.run_at} />
          </span>
        </div>
        <div className={classes.end}>
          <JobStateBadge value={job.state} />
          {job.state === 'dead' && (
            <Button
              size="xs"
              variant="light"
              leftSection={<IconRefresh size={15} />}
              loading={retry.isPending}
              onClick={() => retry.mutate({ params: { path: { id: job.id } } })}
              aria-label={`Retry ${job.kind}`}
            >
              Retry
            </Button>
          )}
        </div>
      </div>
      {job.last_error && <p className={classes.error}>{job.last_error}</p>}
      <UnstyledButton className={classes.more} onClick={toggle} aria-expanded={opened}>
        Payload <IconChevronDown size={14} aria-hidden className={classes.chevron} data-opened={opened || undefined} />
      </UnstyledButton>
      <Collapse expanded={opened}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, so the block must be reachable */}
        <pre className={classes.payload} tabIndex={0}>
          {JSON.stringify({ id: job.id, created_at: job.created_at, payload: job.payload }, null, 2)}
        </pre>
      </Collapse>
    </li>
  );
}

export function JobsPage() {
  const { state = 'dead' } = route.useSearch();
  const navigate = route.useNavigate();
  const query = api.useInfiniteQuery(
    'get',
    '/api/jobs',
    { params: { query: { state, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval: 5_000 },
  );
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [title, text] = EMPTY[state] ?? ['No jobs', ''];
  return (
    <Page
      title="Jobs"
      description="Work done in the background: replies, deliveries, reminders."
      actions={
        <SegmentedControl
          aria-label="State"
          value={state}
          data={STATES.map((s) => ({ value: s, label: jobState(s).label }))}
          onChange={(value) => {
            const next = STATES.find((s) => s === value);
            void navigate({ search: { state: next === 'dead' ? undefined : next }, replace: true });
          }}
        />
      }
    >
      <Card flush>
        <ListState
          query={query}
          isEmpty={jobs.length === 0}
          empty={
            <EmptyState icon={<IconStack2 size={24} stroke={1.7} />} title={title}>
              {text}
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="Jobs">
            {jobs.map((job) => (
              <Row key={job.id} job={job} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
    </Page>
  );
}
