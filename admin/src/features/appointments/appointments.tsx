import { Button, Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconCalendarCheck, IconPlus } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { usePoll } from '@/api/live';
import { useMay, useZone } from '@/api/session';
import { AppointmentList } from '@/components/appointments';
import { ProviderSelect, ServiceSelect } from '@/components/catalog-select';
import { Card, Page } from '@/components/page';
import { useNow } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { appointmentStatus } from '@/lib/labels';
import { dayHeading, dayKey, zoneName } from '@/lib/time';
import { AppointmentDrawer } from './appointment-drawer';
import classes from './appointments.module.css';
import { BookDrawer } from './book-drawer';
import { groupByDay } from './group';
import { STATUSES } from './search';

const route = getRouteApi('/app/appointments');

export function AppointmentsPage() {
  const zone = useZone();
  const { when, status, service, provider, q, open, move, book } = route.useSearch();
  const navigate = route.useNavigate();
  const books = useMay('booking.write');
  const [text, setText] = useState(q ?? '');
  const today = dayKey(useNow(), zone);
  // One dividing line for as long as the page is open, so paging keeps its place.
  const [line] = useState(() => new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString().replace('.000Z', 'Z'));
  const direction = when ?? 'upcoming';

  const refetchInterval = usePoll(10_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/appointments',
    {
      params: {
        query: {
          status,
          service_id: service,
          provider_id: provider,
          q,
          limit: 100,
          ...(when === 'past' ? { to: line, sort: '-start_time' } : { from: line, sort: 'start_time' }),
        },
      },
    },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval },
  );
  type Search = ReturnType<typeof route.useSearch>;
  const set = (next: Partial<Search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const close = () => set({ open: undefined, move: undefined, book: undefined });
  const search = useDebouncedCallback((value: string) => set({ q: value.trim() || undefined }), 250);
  const filtered = status ?? service ?? provider ?? q;
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
            onChange={(value) => set({ when: value === 'past' ? 'past' : undefined })}
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
            onChange={(value) => set({ status: STATUSES.find((s) => s === value) })}
          />
          {books && (
            <Button leftSection={<IconPlus size={17} />} onClick={() => set({ book: 'new' })}>
              Book
            </Button>
          )}
        </>
      }
    >
      <Group gap="sm" mb="md" align="end">
        <TextInput
          label="Contact"
          placeholder="Name or number"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
        />
        <ServiceSelect
          value={service ?? null}
          onChange={(id) => set({ service: id ?? undefined })}
          placeholder="Any"
          clearable
        />
        <ProviderSelect
          value={provider ?? null}
          onChange={(id) => set({ provider: id ?? undefined })}
          placeholder="Any"
          clearable
        />
      </Group>
      <ListState
        query={query}
        isEmpty={appointments.length === 0}
        empty={
          <Card>
            <EmptyState
              icon={<IconCalendarCheck size={24} stroke={1.7} />}
              title={filtered ? 'No appointments like that' : `No ${direction} appointments`}
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
                onDetails={(id) => set({ open: id })}
                withDate={false}
              />
            </Card>
          ))}
        </div>
        <LoadMore query={query} />
      </ListState>
      <AppointmentDrawer id={open} onClose={close} />
      <BookDrawer opened={book === 'new'} move={move} onClose={close} />
    </Page>
  );
}
