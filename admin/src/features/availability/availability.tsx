import { ActionIcon, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBeach, IconClockHour9, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { AvailabilityRule, ClosedDays } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { useNow } from '@/components/relative-time';
import classes from '@/components/side-by-side.module.css';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { dayKey, formatCalendarDay } from '@/lib/time';
import { weekdaysLabel } from '@/lib/weekdays';
import { ClosedDrawer } from './closed-drawer';
import { HoursDrawer } from './hours-drawer';

const route = getRouteApi('/app/availability');
const DAY: Intl.DateTimeFormatOptions = { weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' };

function DeleteHours({ rule }: { rule: AvailabilityRule }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/availability/{id}', {
    onSuccess: async ({ removed, taken }) => {
      close();
      notifyDone('Weekly hours deleted', `${removed} free slots removed, ${taken} taken ones stay.`);
      await calendarChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t delete the weekly hours', toProblem(error)),
  });
  const what = `${rule.provider_name}, ${rule.service_name}, ${weekdaysLabel(rule.weekdays)}`;
  return (
    <>
      <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Delete the hours of ${what}`} onClick={open}>
        <IconTrash size={18} stroke={1.7} />
      </ActionIcon>
      <Confirm
        opened={opened}
        title="Delete these weekly hours?"
        confirmLabel="Delete"
        keepLabel="Keep them"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: rule.id } } })}
      >
        {what}. The free slots they made that are still to come go too. Appointments stay.
      </Confirm>
    </>
  );
}

function OpenAgain({ days }: { days: ClosedDays }) {
  const client = useQueryClient();
  const remove = api.useMutation('delete', '/api/availability/exceptions/{id}', {
    onSuccess: async () => {
      notifyDone('Open again');
      await calendarChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t open these days', toProblem(error)),
  });
  return (
    <ActionIcon
      variant="subtle"
      color="red"
      size="lg"
      loading={remove.isPending}
      aria-label={`Open ${formatCalendarDay(days.from_date, DAY)} again`}
      onClick={() => remove.mutate({ params: { path: { id: days.id } } })}
    >
      <IconTrash size={18} stroke={1.7} />
    </ActionIcon>
  );
}

export function AvailabilityPage() {
  const { hours, closed } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('catalog.write');
  const today = dayKey(useNow(), useZone());
  const rules = api.useInfiniteQuery(
    'get',
    '/api/availability',
    { params: { query: { limit: 100, sort: 'provider' } } },
    keyset,
  );
  const days = api.useInfiniteQuery(
    'get',
    '/api/availability/exceptions',
    { params: { query: { limit: 100, from: today } } },
    keyset,
  );
  const allRules = rules.data?.pages.flatMap((page) => page.items) ?? [];
  const allDays = days.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => void navigate({ search: {} });
  return (
    <Page
      title="Availability"
      description="Weekly hours keep making slots, so that they never run out. On closed days nothing is offered."
    >
      <div className={classes.columns}>
        <Card
          title="Weekly hours"
          flush
          aside={
            writes && (
              <ButtonLink to="/availability" search={{ hours: 'new' }} size="xs" leftSection={<IconPlus size={15} />}>
                New hours
              </ButtonLink>
            )
          }
        >
          <ListState
            query={rules}
            isEmpty={allRules.length === 0}
            skeleton={<SkeletonRows rows={4} height={48} />}
            empty={
              <EmptyState icon={<IconClockHour9 size={24} stroke={1.7} />} title="No weekly hours yet">
                <Text size="sm">Say when somebody offers a service, and its slots are made every day.</Text>
              </EmptyState>
            }
          >
            <ul className={classes.list} aria-label="Weekly hours">
              {allRules.map((rule) => (
                <li key={rule.id} className={classes.row} data-testid="hours-row">
                  <div className={classes.text}>
                    <h3>
                      <Link to="/availability" search={{ hours: rule.id }}>
                        {weekdaysLabel(rule.weekdays)}, {rule.from} – {rule.to}
                      </Link>
                      {!rule.active && <Pill tone="neutral">Off</Pill>}
                    </h3>
                    <p>
                      {rule.service_name} with {rule.provider_name}
                      {rule.active && rule.made_through && (
                        <>
                          , slots until{' '}
                          {formatCalendarDay(
                            rule.valid_to && rule.valid_to < rule.made_through ? rule.valid_to : rule.made_through,
                            DAY,
                          )}
                        </>
                      )}
                    </p>
                  </div>
                  {writes && <DeleteHours rule={rule} />}
                </li>
              ))}
            </ul>
            <LoadMore query={rules} />
          </ListState>
        </Card>
        <Card
          title="Closed days"
          flush
          aside={
            writes && (
              <ButtonLink to="/availability" search={{ closed: 'new' }} size="xs" leftSection={<IconPlus size={15} />}>
                Close days
              </ButtonLink>
            )
          }
        >
          <ListState
            query={days}
            isEmpty={allDays.length === 0}
            skeleton={<SkeletonRows rows={2} height={48} />}
            empty={<EmptyState icon={<IconBeach size={24} stroke={1.7} />} title="No closed days ahead" />}
          >
            <ul className={classes.list} aria-label="Closed days">
              {allDays.map((row) => (
                <li key={row.id} className={classes.row} data-testid="closed-row">
                  <div className={classes.text}>
                    <h3>
                      {formatCalendarDay(row.from_date, DAY)}
                      {row.to_date !== row.from_date && ` – ${formatCalendarDay(row.to_date, DAY)}`}
                    </h3>
                    <p>
                      {row.provider_name ?? 'Everybody'}
                      {row.reason && `: ${row.reason}`}
                    </p>
                  </div>
                  {writes && <OpenAgain days={row} />}
                </li>
              ))}
            </ul>
            <LoadMore query={days} />
          </ListState>
        </Card>
      </div>
      <HoursDrawer id={hours} onClose={close} />
      <ClosedDrawer opened={closed === 'new'} onClose={close} />
    </Page>
  );
}
