import { Alert, Button, Drawer, Group, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { AvailabilityRule } from '@/api/types';
import { ProviderSelect, ServiceSelect } from '@/components/catalog-select';
import { type Hours, HoursFields } from '@/components/hours-fields';
import { notifyDone } from '@/components/notify';
import { ErrorState, SkeletonRows } from '@/components/states';
import { endInput, endOfHours, hoursProblem } from '@/lib/weekdays';

function HoursForm({ rule, onClose }: { rule: AvailabilityRule | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const disabled = !useMay('catalog.write');
  const [service, setService] = useState<string | null>(rule?.service_id ?? null);
  const [provider, setProvider] = useState<string | null>(rule?.provider_id ?? null);
  const [hours, setHours] = useState<Hours>({
    weekdays: rule?.weekdays ?? ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    from: rule?.from ?? '09:00',
    to: endInput(rule?.to ?? '17:00'),
  });
  const [validFrom, setValidFrom] = useState(rule?.valid_from ?? '');
  const [validTo, setValidTo] = useState(rule?.valid_to ?? '');
  const [horizon, setHorizon] = useState<string | number>(rule?.horizon_days ?? 60);
  const [active, setActive] = useState(rule?.active ?? true);

  const onSuccess = async (change: { slots: { made: number }; before: { removed: number; taken: number } }) => {
    const { made } = change.slots;
    notifyDone(
      rule ? 'Weekly hours saved' : 'Weekly hours added',
      rule
        ? `${made} slots made in place of ${change.before.removed}; ${change.before.taken} taken ones stay.`
        : `${made} slots made.`,
    );
    onClose();
    await calendarChanged(client);
  };
  const create = api.useMutation('post', '/api/availability', { onSuccess });
  const update = api.useMutation('patch', '/api/availability/{id}', { onSuccess });
  const problem = hoursProblem(hours.from, hours.to);
  const ready = service && provider && hours.weekdays.length > 0 && !problem;
  const failure = create.error ?? update.error;

  const save = () => {
    if (!service || !provider) return;
    const body = {
      weekdays: hours.weekdays,
      from: hours.from,
      to: endOfHours(hours.to),
      valid_to: validTo || null,
      ...(validFrom ? { valid_from: validFrom } : {}),
      horizon_days: Number(horizon),
      active,
    };
    if (!rule) create.mutate({ body: { ...body, service_id: service, provider_id: provider } });
    else update.mutate({ params: { path: { id: rule.id }, header: { 'If-Match': `"${rule.version}"` } }, body });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) save();
      }}
    >
      <Stack gap="md">
        {rule ? (
          <TextInput label="For" value={`${rule.service_name} with ${rule.provider_name}`} readOnly />
        ) : (
          <>
            <ServiceSelect value={service} onChange={setService} required />
            <ProviderSelect value={provider} onChange={setProvider} required />
          </>
        )}
        <HoursFields value={hours} onChange={setHours} disabled={disabled} error={problem} />
        <Group grow align="start">
          <TextInput
            type="date"
            label="First day"
            description="Today if empty"
            value={validFrom}
            disabled={disabled}
            onChange={(event) => setValidFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="Last day"
            description="No end if empty"
            value={validTo}
            disabled={disabled}
            onChange={(event) => setValidTo(event.currentTarget.value)}
          />
        </Group>
        <NumberInput
          label="Days ahead"
          description="So many days from today always have slots."
          min={1}
          max={366}
          value={horizon}
          disabled={disabled}
          onChange={setHorizon}
        />
        <Switch
          label="Active"
          description="Switched off, the free slots they made go."
          checked={active}
          disabled={disabled}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
        {failure && (
          <Alert color="red" variant="light" role="alert">
            {toProblem(failure).message}
          </Alert>
        )}
        {!disabled && (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending || update.isPending}>
              {rule ? 'Save' : 'Add hours'}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  const query = api.useQuery(
    'get',
    '/api/availability/{id}',
    { params: { path: { id } } },
    { staleTime: 0, gcTime: 0 },
  );
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={5} />;
  return <HoursForm key={query.data.id} rule={query.data} onClose={onClose} />;
}

export function HoursDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={id === 'new' ? 'New weekly hours' : 'Weekly hours'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id === 'new' && <HoursForm rule={undefined} onClose={onClose} />}
      {id && id !== 'new' && <Existing id={id} onClose={onClose} />}
    </Drawer>
  );
}
