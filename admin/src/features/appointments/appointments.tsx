import { SegmentedControl, Select } from '@mantine/core';
import { IconCalendarCheck } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { useZone } from '@/api/session';
import { AppointmentList } from '@/components/appointments';
import { Card, Page } from '@/components/page';
import { useNow } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { appointmentStatus } from '@/lib/labels';
import { dayHeading, dayKey, zoneName } from '@/lib/time';
import classes from './appointments.module.css';
import { groupByDay } from './group';
import { STATUSES } from './search';

const route = getRouteApi('/app/appointments');

export function AppointmentsPage() {
  const zone = useZone();
  const { when, status } = route.useSearch();
  const navigate = route.useNavigate();
  const today = dayKey(useNow(), zone);
  // One dividing line for as long as the page is open, so paging keeps its place.
  const [line] = useState(() => new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().replace('.000Z', 'Z'));
  const direction = when ?? 'upcoming';

  const query = api.useInfiniteQuery(
    'get',
    '/api/appointments',
    { params: { query: { status, limit: 100, ...(when === 'past' ? { to: line } : { from: line }) } } },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval: 10_000 },
  );
  const appointments = query.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <Page
      title="Appointments"
      description={`Times are shown in ${zone.replaceAll('_', ' ')} (${zoneName(zone)}).`}
      actions={
        <>
          <SegmentedControl
            aria-label="When"
            value={direction}
            data={[
              { value: 'upcoming', label: 'Upcoming' },
              { value: 'past', label: 'Past' },
            ]}
            onChange={(value) =>
              void navigate({
                search: (old) => ({ ...old, when: value === 'past' ? 'past' : undefined }),
                replace: true,
              })
            }
          />
          <Select
            aria-label="Status"
            w={160}
            allowDeselect={false}
            value={status ?? 'all'}
            data={[
              { value: 'all', label: 'Any status' },
              ...STATUSES.map((s) => ({ value: s, label: appointmentStatus(s).label })),
            ]}
            onChange={(value) =>
              void navigate({
                search: (old) => ({ ...old, status: STATUSES.find((s) => s === value) }),
                replace: true,
              })
            }
          />
        </>
      }
    >
      <ListState
        query={query}
        isEmpty={appointments.length === 0}
        empty={
          <Card>
            <EmptyState
              icon={<IconCalendarCheck size={24} stroke={1.7} />}
              title={
                status
                  ? `No ${appointmentStatus(status).label.toLowerCase()} appointments`
                  : `No ${direction} appointments`
              }
            >
              {when === 'past' ? 'What has happened collects here.' : 'Bookings made by text show up here at once.'}
            </EmptyState>
          </Card>
        }
      >
        <div className={classes.groups}>
          {groupByDay(appointments, zone, direction).map((group) => (
            <Card key={group.day} title={dayHeading(group.day, today)} flush>
              <AppointmentList
                appointments={group.appointments}
                label={dayHeading(group.day, today)}
                withContact
                withCancel
                withDate={false}
              />
            </Card>
          ))}
        </div>
        <LoadMore query={query} />
      </ListState>
    </Page>
  );
}
