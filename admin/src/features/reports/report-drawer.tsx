import { Button, Checkbox, Drawer, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { reportsChanged } from '@/api/invalidate';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMay, useMe } from '@/api/session';
import type { Report } from '@/api/types';
import { Pill, PriorityBadge, ReportStatusBadge } from '@/components/badges';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { reportEvent, reportPriority } from '@/lib/labels';
import { personName } from '@/lib/phone';
import classes from './reports.module.css';
import { opener, RULES, type Step, steps, tellsContact } from './rules';
import { PRIORITIES } from './search';

const priorities = PRIORITIES.map((value) => ({ value, label: reportPriority(value).label }));

function NewReport({ onOpened, onClose }: { onOpened: (id: string) => void; onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { subject: '', body: '', priority: 'normal' as Report['priority'] },
    validate: RULES,
  });
  const open = api.useMutation('post', '/api/reports', {
    onSuccess: async (report) => {
      notifyDone(`Report #${report.number} opened`, report.subject);
      onOpened(report.id);
      await reportsChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t open the report', problem);
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => open.mutate({ body }))} noValidate>
      <Stack gap="md">
        <TextInput label="Subject" required maxLength={200} data-autofocus {...form.getInputProps('subject')} />
        <Textarea
          label="What is the matter"
          required
          autosize
          minRows={5}
          maxRows={14}
          {...form.getInputProps('body')}
        />
        <Select label="Priority" allowDeselect={false} data={priorities} {...form.getInputProps('priority')} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={open.isPending}>
            Open report
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const STEP_LABELS: Record<Step, string> = { start: 'Start', resolve: 'Resolve', reopen: 'Reopen' };

function Steps({ report }: { report: Report }) {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const [resolving, setResolving] = useState(false);
  const after = {
    onSuccess: () => {
      setResolving(false);
      setNote('');
    },
    onError: (error: unknown) => notifyProblem('Couldn’t change the report', toProblem(error)),
    onSettled: () => reportsChanged(client),
  };
  const start = api.useMutation('post', '/api/reports/{id}/start', after);
  const resolve = api.useMutation('post', '/api/reports/{id}/resolve', after);
  const reopen = api.useMutation('post', '/api/reports/{id}/reopen', after);
  const params = { path: { id: report.id } };
  const take = (step: Step) => {
    if (step === 'start') start.mutate({ params });
    else if (step === 'reopen') reopen.mutate({ params });
    else setResolving(true);
  };
  if (resolving) {
    return (
      <Stack gap="xs">
        <Textarea
          label="How it was resolved"
          description={tellsContact(report) ? 'Goes to the contact as a text, with the news.' : 'Optional.'}
          autosize
          minRows={2}
          maxLength={4000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group gap="sm" justify="flex-end">
          <Button variant="default" size="sm" onClick={() => setResolving(false)}>
            Not yet
          </Button>
          <Button
            size="sm"
            loading={resolve.isPending}
            onClick={() => resolve.mutate({ params, body: { note: note.trim() || null } })}
          >
            Resolve it
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Group gap="sm">
      {steps(report.status).map((step) => (
        <Button
          key={step}
          size="sm"
          variant={step === 'resolve' ? 'filled' : 'default'}
          loading={start.isPending || reopen.isPending}
          onClick={() => take(step)}
        >
          {STEP_LABELS[step]}
        </Button>
      ))}
    </Group>
  );
}

/** Who has it, and how urgent it is. */
function Work({ report }: { report: Report }) {
  const client = useQueryClient();
  const { user } = useMe();
  const mayList = useMay('team.write');
  const people = api.useQuery(
    'get',
    '/api/team/people',
    { params: { query: { limit: 200 } } },
    { enabled: mayList, staleTime: 60_000 },
  );
  const change = api.useMutation('patch', '/api/reports/{id}', {
    onError: (error) => notifyProblem('Couldn’t change the report', toProblem(error)),
    onSettled: () => reportsChanged(client),
  });
  const save = (body: { priority?: Report['priority']; assignee_id?: string | null }) =>
    change.mutate({ params: { path: { id: report.id } }, headers: { 'If-Match': `"${report.version}"` }, body });
  const choices = new Map((people.data?.items ?? []).map((p) => [p.id, p.display_name]));
  if (user?.role) choices.set(user.id, `${user.display_name} (me)`);
  if (report.assignee && !choices.has(report.assignee.id)) {
    choices.set(report.assignee.id, report.assignee.display_name);
  }
  return (
    <Group grow align="flex-start">
      <Select
        label="Who has it"
        placeholder="Nobody yet"
        clearable
        searchable
        disabled={change.isPending}
        value={report.assignee?.id ?? null}
        data={[...choices].map(([value, label]) => ({ value, label }))}
        onChange={(value) => save({ assignee_id: value })}
      />
      <Select
        label="Priority"
        allowDeselect={false}
        disabled={change.isPending}
        value={report.priority}
        data={priorities}
        onChange={(value) => {
          const priority = PRIORITIES.find((p) => p === value);
          if (priority) save({ priority });
        }}
      />
    </Group>
  );
}

function Comments({ report }: { report: Report }) {
  const client = useQueryClient();
  const { user } = useMe();
  const reads = useMay('reports.read');
  const own = user && (report.opened_by?.id === user.id || report.assignee?.id === user.id);
  const writes = useMay('reports.write') || own;
  const [text, setText] = useState('');
  const [internal, setInternal] = useState(reads);
  const told = usePoll(10_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/reports/{id}/comments',
    { params: { path: { id: report.id }, query: { limit: 100 } } },
    { ...keyset, refetchInterval: reads ? told : 10_000 },
  );
  const add = api.useMutation('post', '/api/reports/{id}/comments', {
    onSuccess: () => setText(''),
    onError: (error) => notifyProblem('Couldn’t add the comment', toProblem(error)),
    onSettled: () => reportsChanged(client),
  });
  const comments = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-label="Comments">
      <h3 className={classes.heading}>Comments</h3>
      <ListState
        query={query}
        isEmpty={comments.length === 0}
        skeleton={<SkeletonRows rows={2} />}
        empty={
          <Text size="sm" c="dimmed">
            Nobody has said anything yet.
          </Text>
        }
      >
        <ul className={classes.comments}>
          {comments.map((comment) => (
            <li key={comment.id} className={classes.comment} data-testid="report-comment">
              <p className={classes.facts}>
                {comment.author?.display_name ?? 'A program'} · <RelativeTime value={comment.created_at} />{' '}
                {comment.internal && <Pill tone="warn">Internal</Pill>}
              </p>
              <p className={classes.words}>{comment.body}</p>
            </li>
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
      {writes && (
        <Stack gap="xs" mt="sm">
          <Textarea
            aria-label="Write a comment"
            placeholder="Write a comment…"
            autosize
            minRows={2}
            maxLength={4000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group justify="space-between">
            {reads ? (
              <Checkbox
                label="Internal"
                description={
                  tellsContact(report) ? 'Otherwise the contact gets it as a text.' : 'Only for who sees all reports.'
                }
                checked={internal}
                onChange={(event) => setInternal(event.currentTarget.checked)}
              />
            ) : (
              <span />
            )}
            <Button
              size="sm"
              disabled={text.trim() === ''}
              loading={add.isPending}
              onClick={() =>
                add.mutate({
                  params: { path: { id: report.id } },
                  body: { body: text.trim(), internal: reads && internal },
                })
              }
            >
              {tellsContact(report) && !internal ? 'Comment and text the contact' : 'Comment'}
            </Button>
          </Group>
        </Stack>
      )}
    </section>
  );
}

function History({ report }: { report: Report }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/reports/{id}/history',
    { params: { path: { id: report.id }, query: { limit: 100 } } },
    keyset,
  );
  const events = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-label="History">
      <h3 className={classes.heading}>History</h3>
      <ListState query={query} isEmpty={events.length === 0} skeleton={<SkeletonRows rows={2} />} empty={null}>
        <ul className={classes.history}>
          {events.map((event) => (
            <li key={event.id}>
              {reportEvent(event.kind).label}
              {event.detail && ` (${event.detail.replaceAll('_', ' ')})`}
              {event.actor ? ` by ${event.actor.display_name}` : event.by_contact ? ' by the contact' : ''} ·{' '}
              <RelativeTime value={event.at} />
            </li>
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
    </section>
  );
}

function Existing({ id }: { id: string }) {
  const works = useMay('reports.write');
  const reads = useMay('reports.read');
  const told = usePoll(10_000);
  const refetchInterval = reads ? told : 10_000;
  const query = api.useQuery('get', '/api/reports/{id}', { params: { path: { id } } }, { refetchInterval });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={4} />;
  const report = query.data;
  return (
    <Stack gap="lg" data-testid="report">
      <div>
        <h2 className={classes.subject}>
          <span className={classes.number}>#{report.number}</span> {report.subject}
        </h2>
        <Group gap={8} mt={4}>
          <ReportStatusBadge value={report.status} data-testid="report-status" />
          <PriorityBadge value={report.priority} />
        </Group>
        <p className={classes.facts}>
          Opened {opener(report)}, <RelativeTime value={report.created_at} />
          {report.contact && (
            <>
              {' · '}
              <AnchorLink to="/contacts/$contactId" params={{ contactId: report.contact.id }} size="sm">
                {personName(report.contact)}
              </AnchorLink>
            </>
          )}
        </p>
      </div>
      <p className={classes.words}>{report.body}</p>
      {report.resolution && (
        <p className={classes.resolution}>
          <strong>Resolved:</strong> {report.resolution}
        </p>
      )}
      {works && <Work report={report} />}
      {works && <Steps report={report} />}
      <Comments report={report} />
      <History report={report} />
    </Stack>
  );
}

type DrawerProps = { id: string | undefined; onOpened: (id: string) => void; onClose: () => void };

/** `id` is a report's, or `new`, or nothing while closed. */
export function ReportDrawer({ id, onOpened, onClose }: DrawerProps) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={id === 'new' ? 'New report' : 'Report'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id === 'new' && <NewReport onOpened={onOpened} onClose={onClose} />}
      {id && id !== 'new' && <Existing key={id} id={id} />}
    </Drawer>
  );
}
