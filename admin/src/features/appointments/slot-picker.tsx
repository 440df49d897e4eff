import { Chip, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { useZone } from '@/api/session';
import { ProviderSelect, ServiceSelect } from '@/components/catalog-select';
import { EmptyState, ListState, SkeletonRows } from '@/components/states';
import { addDays, dayHeading, dayKey, formatTime, startOfDay } from '@/lib/time';

type Props = {
  service: string | null;
  provider: string | null;
  value: string | null;
  onChange: (slotId: string | null) => void;
};

/** An open time of a service: narrowed by provider, from a day on. */
export function SlotPicker({ service: firstService, provider: firstProvider, value, onChange }: Props) {
  const zone = useZone();
  const today = dayKey(Date.now(), zone);
  const [service, setService] = useState(firstService);
  const [provider, setProvider] = useState(firstProvider);
  const [day, setDay] = useState(today);
  const query = api.useQuery(
    'get',
    '/api/slots',
    {
      params: {
        query: {
          service_id: service ?? undefined,
          provider_id: provider ?? undefined,
          from: startOfDay(day || today, zone).toISOString(),
          to: startOfDay(addDays(day || today, 14), zone).toISOString(),
          open: true,
          limit: 60,
        },
      },
    },
    { enabled: service !== null },
  );
  const slots = query.data?.items ?? [];
  const days = [...new Set(slots.map((slot) => dayKey(slot.start_time, zone)))];
  return (
    <Stack gap="md">
      <ServiceSelect
        value={service}
        onChange={(id) => {
          setService(id);
          onChange(null);
        }}
        required
      />
      <ProviderSelect
        value={provider}
        onChange={(id) => {
          setProvider(id);
          onChange(null);
        }}
        placeholder="Anybody"
        clearable
      />
      <TextInput
        type="date"
        label="From"
        value={day}
        min={today}
        onChange={(event) => {
          setDay(event.currentTarget.value);
          onChange(null);
        }}
      />
      {service && (
        <ListState
          query={query}
          isEmpty={slots.length === 0}
          skeleton={<SkeletonRows rows={3} />}
          empty={<EmptyState title="No open times in these two weeks" />}
        >
          <Chip.Group value={value} onChange={(id) => onChange(typeof id === 'string' ? id : null)}>
            {days.map((key) => (
              <div key={key}>
                <Text size="sm" fw={600} mb={6}>
                  {dayHeading(key, today)}
                </Text>
                <Group gap={8}>
                  {slots
                    .filter((slot) => dayKey(slot.start_time, zone) === key)
                    .map((slot) => (
                      <Chip key={slot.id} value={slot.id} size="sm" data-testid="open-time">
                        {formatTime(slot.start_time, zone)}
                        {!provider && ` · ${slot.provider_name}`}
                      </Chip>
                    ))}
                </Group>
              </div>
            ))}
          </Chip.Group>
        </ListState>
      )}
    </Stack>
  );
}
