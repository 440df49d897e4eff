import { ActionIcon, Anchor, Button, Group, Loader, Select, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCalendarOff, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { api } from '@/api/client';
import { useZone } from '@/api/session';
import { Card, Page } from '@/components/page';
import { useNow } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, SkeletonRows } from '@/components/states';
import { slotState } from '@/lib/slots';
import { addDays, dayKey, mondayOf, weekLabel, weekRange, zoneName } from '@/lib/time';
import { DayList } from './day-list';
import { MakeSlots } from './make-slots';
import { SlotDrawer } from './slot-drawer';
import classes from './slots.module.css';
import { useWeekSlots } from './use-week-slots';
import { WeekCalendar } from './week-calendar';

const route = getRouteApi('/app/slots');
const ALL = { params: { query: { limit: 200 } } };

function Legend() {
  return (
    <ul className={classes.legend} aria-label="Colours">
      <li data-slot="free">Free</li>
      <li data-slot="partly">Partly taken</li>
      <li data-slot="full">Taken</li>
      <li data-slot="closed">Closed</li>
    </ul>
  );
}

export function SlotsPage() {
  const zone = useZone();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const thisWeek = mondayOf(dayKey(useNow(), zone));
  const monday = search.week ?? thisWeek;
  const range = weekRange(monday, zone);
  const narrow = useMediaQuery('(max-width: 62em)', window.matchMedia('(max-width: 62em)').matches, {
    getInitialValueInEffect: false,
  });

  const services = api.useQuery('get', '/api/services', ALL, { staleTime: 60_000 });
  const providers = api.useQuery('get', '/api/providers', ALL, { staleTime: 60_000 });
  const servicesError: unknown = services.error;
  const offered = (services.data?.items ?? []).filter((s) => s.active);
  const service = search.service ?? offered[0]?.id ?? 'all';
  const provider = search.provider ?? 'all';

  const query = useWeekSlots(
    {
      ...range,
      service_id: service === 'all' ? undefined : service,
      provider_id: provider === 'all' ? undefined : provider,
    },
    services.isFetched,
  );

  const set = (next: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const goTo = (week: string) =>
    void navigate({ search: (old) => ({ ...old, week: week === thisWeek ? undefined : week, slot: undefined }) });

  const all = query.data?.slots ?? [];
  const shown =
    search.show === undefined
      ? all
      : all.filter((s) => (search.show === 'free' ? slotState(s) === 'free' : s.taken > 0));
  const selected = all.find((s) => s.id === search.slot);
  const open = (id: string) => void navigate({ search: (old) => ({ ...old, slot: id }) });
  const taken = all.filter((s) => s.taken > 0).length;
  const free = all.filter((s) => slotState(s) === 'free').length;

  return (
    <Page
      wide
      title="Slots"
      description={
        <>
          Every bookable time of the week. Times are shown in {zone.replaceAll('_', ' ')} (
          {zoneName(zone, Date.parse(range.from))}).
        </>
      }
      actions={
        <>
          <Select
            aria-label="Service"
            w={200}
            allowDeselect={false}
            value={service}
            data={[...offered.map((s) => ({ value: s.id, label: s.name })), { value: 'all', label: 'All services' }]}
            onChange={(value) => set({ service: value ?? undefined, slot: undefined })}
          />
          <Select
            aria-label="Provider"
            w={180}
            allowDeselect={false}
            value={provider}
            data={[
              { value: 'all', label: 'All providers' },
              ...(providers.data?.items ?? []).filter((p) => p.active).map((p) => ({ value: p.id, label: p.name })),
            ]}
            onChange={(value) => set({ provider: value && value !== 'all' ? value : undefined, slot: undefined })}
          />
          <Select
            aria-label="Which slots"
            w={164}
            allowDeselect={false}
            value={search.show ?? 'all'}
            data={[
              { value: 'all', label: 'Free and taken' },
              { value: 'free', label: 'Free only' },
              { value: 'taken', label: 'Taken only' },
            ]}
            onChange={(value) => set({ show: value === 'free' || value === 'taken' ? value : undefined })}
          />
          <MakeSlots
            monday={monday}
            service={service === 'all' ? null : service}
            provider={provider === 'all' ? null : provider}
          />
        </>
      }
    >
      <Card flush>
        <div className={classes.toolbar}>
          <Group gap={6} wrap="nowrap">
            <ActionIcon
              variant="default"
              size={34}
              aria-label="Previous week"
              onClick={() => goTo(addDays(monday, -7))}
            >
              <IconChevronLeft size={18} />
            </ActionIcon>
            <Button variant="default" size="xs" h={34} onClick={() => goTo(thisWeek)} disabled={monday === thisWeek}>
              Today
            </Button>
            <ActionIcon variant="default" size={34} aria-label="Next week" onClick={() => goTo(addDays(monday, 7))}>
              <IconChevronRight size={18} />
            </ActionIcon>
            <h2 className={classes.week} aria-live="polite">
              {weekLabel(monday)}
            </h2>
            {query.isFetching && query.isPlaceholderData && <Loader size={16} aria-label="Loading" />}
          </Group>
          <div className={classes.summary}>
            <Text size="sm" c="dimmed">
              {free} free, {taken} taken
            </Text>
            <Legend />
          </div>
        </div>
        {query.data?.truncated && (
          <Text size="sm" c="dimmed" px="md" pb="sm">
            Too many slots to show them all. Choose a service or a provider.
          </Text>
        )}
        {servicesError && !services.isSuccess ? (
          <ErrorState error={servicesError} onRetry={() => services.refetch()} />
        ) : (
          <ListState
            query={query}
            isEmpty={shown.length === 0}
            skeleton={<SkeletonRows rows={8} height={58} />}
            empty={
              <EmptyState icon={<IconCalendarOff size={24} stroke={1.7} />} title="No slots this week">
                {search.show || provider !== 'all' ? (
                  <Anchor component="button" size="sm" onClick={() => set({ show: undefined, provider: undefined })}>
                    Clear the filters
                  </Anchor>
                ) : (
                  <Anchor component="button" size="sm" onClick={() => goTo(addDays(monday, 7))}>
                    Look at the next week
                  </Anchor>
                )}
              </EmptyState>
            }
          >
            {narrow ? (
              <DayList key={monday} slots={shown} monday={monday} onOpen={open} />
            ) : (
              <WeekCalendar slots={shown} monday={monday} onOpen={open} />
            )}
          </ListState>
        )}
      </Card>
      <SlotDrawer slot={selected} onClose={() => set({ slot: undefined })} />
    </Page>
  );
}
