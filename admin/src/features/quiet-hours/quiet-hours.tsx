import { Anchor, Button, Stack, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMoonStars } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { quietHoursChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { QuietHoursOverride, QuietHoursRule } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { formatCalendarDay } from '@/lib/time';
import { CheckNumber } from './check-number';
import { FrequencyCap } from './frequency-cap';
import { windowsLabel } from './hours';
import { OverrideDialog } from './override-form';
import classes from './quiet-hours.module.css';

const day = (date: string) => formatCalendarDay(date, { month: 'short', day: 'numeric', year: 'numeric' });

const hoursLabel = (windows: QuietHoursRule['hours_in_force']) => (windows ? windowsLabel(windows) : 'Off');

function EndOverride({ rule, override }: { rule: QuietHoursRule; override: QuietHoursOverride }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const end = api.useMutation('delete', '/api/compliance/overrides/{id}', {
    onSuccess: () => notifyDone('Override ended', rule.title),
    onError: (error) => notifyProblem('Couldn’t end the override', toProblem(error)),
    onSettled: () => {
      close();
      return quietHoursChanged(client);
    },
  });
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>
        End<VisuallyHidden> the override of {rule.title}</VisuallyHidden>
      </Button>
      <Confirm
        opened={opened}
        title="End this override?"
        confirmLabel="End it"
        keepLabel="Keep it"
        color="petrol"
        busy={end.isPending}
        onClose={close}
        onConfirm={() => end.mutate({ params: { path: { id: override.id } } })}
      >
        The hours that ship hold again at once: {windowsLabel(rule.windows)}.
      </Confirm>
    </>
  );
}

function Sources({ rule }: { rule: QuietHoursRule }) {
  return (
    <small>
      {rule.sources.map((source, index) => (
        <span key={source.title}>
          {index > 0 && '; '}
          {source.url ? (
            <Anchor href={source.url} target="_blank" rel="noreferrer" inherit underline="always">
              {source.title}
            </Anchor>
          ) : (
            source.title
          )}
        </span>
      ))}
      . Checked {day(rule.checked)}
      {rule.effective_from && `, in force since ${day(rule.effective_from)}`}
      {rule.effective_until && `, until ${day(rule.effective_until)}`}.
    </small>
  );
}

function Row({ rule, onOverride }: { rule: QuietHoursRule; onOverride: () => void }) {
  const writes = useMay('compliance.write');
  const { overridden } = rule;
  return (
    <li className={classes.row} data-testid={`rule-${rule.id}`}>
      <div className={classes.what}>
        <strong>{rule.title}</strong>
        <span>
          {hoursLabel(rule.hours_in_force)}
          {rule.closed_on.length > 0 && (overridden ? overridden.keep_holidays : true) && ', not on holidays'}
          {rule.zone && `, on the clock of ${rule.zone.replaceAll('_', ' ')}`}
          {rule.cap && `, at most ${rule.cap.texts} texts in ${rule.cap.hours} hours`}
        </span>
        {overridden && (
          <small data-testid="override">
            Overridden {overridden.created_by ? `by ${overridden.created_by} ` : ''}
            <RelativeTime value={overridden.created_at} />: {overridden.reason} (As it ships:{' '}
            {windowsLabel(rule.windows)}.)
          </small>
        )}
        {rule.notes && <small>{rule.notes}</small>}
        <Sources rule={rule} />
      </div>
      <div className={classes.end}>
        {!rule.applies_to.includes('transactional') && <Pill tone="neutral">Marketing only</Pill>}
        {overridden && <Pill tone="warn">Overridden</Pill>}
        {writes && (
          <Button size="xs" variant="default" onClick={onOverride}>
            Override<VisuallyHidden> {rule.title}</VisuallyHidden>
          </Button>
        )}
        {writes && overridden && <EndOverride rule={rule} override={overridden} />}
      </div>
    </li>
  );
}

function History({ titles }: { titles: Map<string, string> }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/compliance/overrides',
    { params: { query: { ended: true, limit: 20 } } },
    keyset,
  );
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title="Overrides that ended" flush>
      <ListState
        query={query}
        isEmpty={items.length === 0}
        empty={<EmptyState icon={<IconMoonStars size={24} stroke={1.7} />} title="None has ended" />}
      >
        <ul className={classes.list} aria-label="Overrides that ended">
          {items.map((item) => (
            <li key={item.id} className={classes.row} data-testid="ended-override">
              <div className={classes.what}>
                <strong>{titles.get(item.rule_id) ?? item.rule_id}</strong>
                <span>{hoursLabel(item.windows)}</span>
                <small>{item.reason}</small>
              </div>
              <div className={classes.end}>
                <small>
                  {item.created_by && `${item.created_by}, `}
                  <RelativeTime value={item.created_at} />
                  {item.ended_at && (
                    <>
                      {' '}
                      until <RelativeTime value={item.ended_at} />
                      {item.ended_by && `, ended by ${item.ended_by}`}
                    </>
                  )}
                </small>
              </div>
            </li>
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}

/** When texts may arrive: the rules with their sources, the organization's own hours and overrides, and a number to try. */
export function QuietHoursPage() {
  const [overriding, setOverriding] = useState<QuietHoursRule | null>(null);
  const query = api.useQuery('get', '/api/compliance/rules');
  const rules = query.data?.rules ?? [];
  const titles = new Map(rules.map((rule) => [rule.id, rule.title]));
  const own = rules.filter((rule) => rule.jurisdiction === '*');
  const laws = rules.filter((rule) => rule.jurisdiction !== '*');
  const list = (label: string, of: QuietHoursRule[]) => (
    <Card title={label} flush>
      <ul className={classes.list} aria-label={label}>
        {of.map((rule) => (
          <Row key={rule.id} rule={rule} onOverride={() => setOverriding(rule)} />
        ))}
      </ul>
    </Card>
  );
  return (
    <Page
      title="Quiet hours"
      description="When a text may arrive, on the recipient’s clock. Where sources disagree the stricter reading holds. It is data with dates, not legal advice. Answers to somebody who has just texted are never held."
    >
      <Stack gap="md">
        <CheckNumber titles={titles} />
        {query.isPending && <SkeletonRows />}
        {query.error && !query.data && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
        {query.data && (
          <>
            {list('Your own hours', own)}
            <FrequencyCap />
            {list('Laws', laws)}
            <History titles={titles} />
          </>
        )}
      </Stack>
      <OverrideDialog rule={overriding} onClose={() => setOverriding(null)} />
    </Page>
  );
}
