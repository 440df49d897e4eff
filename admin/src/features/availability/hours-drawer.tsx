import { Alert, Group, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { AvailabilityRule } from '@/api/types';
import { ProviderSelect, ServiceSelect } from '@/components/catalog-select';
import { FormDrawer, FormFoot } from '@/components/form-drawer';
import { HoursFields } from '@/components/hours-fields';
import { notifyDone } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';
import { endInput, endOfHours, hoursProblem, type WeekdayName } from '@/lib/weekdays';

const WORKING_DAYS: WeekdayName[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];

const valuesOf = (rule: AvailabilityRule | undefined) => ({
  service: rule?.service_id ?? null,
  provider: rule?.provider_id ?? null,
  hours: {
    weekdays: rule?.weekdays ?? WORKING_DAYS,
    from: rule?.from ?? '09:00',
    to: endInput(rule?.to ?? '17:00'),
  },
  valid_from: rule?.valid_from ?? '',
  valid_to: rule?.valid_to ?? '',
  horizon_days: (rule?.horizon_days ?? 60) as number | string,
  active: rule?.active ?? true,
});

function HoursForm({ live, onClose }: { live: AvailabilityRule | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const disabled = !useMay('catalog.write');
  const { form, row: rule, newer, goOn } = useRowForm(live, valuesOf);
  const { service, provider, hours } = form.values;

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

  const save = form.onSubmit(({ valid_from, valid_to, horizon_days, active }) => {
    if (!ready) return;
    const body = {
      weekdays: hours.weekdays,
      from: hours.from,
      to: endOfHours(hours.to),
      valid_to: valid_to || null,
      ...(valid_from ? { valid_from } : {}),
      horizon_days: Number(horizon_days),
      active,
    };
    if (!rule) create.mutate({ body: { ...body, service_id: service, provider_id: provider } });
    else update.mutate({ params: { path: { id: rule.id }, header: { 'If-Match': `"${rule.version}"` } }, body });
  });
  return (
    <form noValidate onSubmit={save}>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        {rule ? (
          <TextInput label="For" value={`${rule.service_name} with ${rule.provider_name}`} readOnly />
        ) : (
          <>
            <ServiceSelect value={service} onChange={(id) => form.setFieldValue('service', id)} required />
            <ProviderSelect value={provider} onChange={(id) => form.setFieldValue('provider', id)} required />
          </>
        )}
        <HoursFields
          value={hours}
          onChange={(value) => form.setFieldValue('hours', value)}
          disabled={disabled}
          error={problem}
        />
        <Group grow align="start">
          <TextInput
            type="date"
            label="First day"
            description="Today if empty"
            disabled={disabled}
            {...form.getInputProps('valid_from')}
          />
          <TextInput
            type="date"
            label="Last day"
            description="No end if empty"
            disabled={disabled}
            {...form.getInputProps('valid_to')}
          />
        </Group>
        <NumberInput
          label="Days ahead"
          description="So many days from today always have slots."
          min={1}
          max={366}
          disabled={disabled}
          {...form.getInputProps('horizon_days')}
        />
        <Switch
          label="Active"
          description="Switched off, the free slots they made go."
          disabled={disabled}
          {...form.getInputProps('active', { type: 'checkbox' })}
        />
        {failure && (
          <Alert color="red" variant="light" role="alert">
            {toProblem(failure).message}
          </Alert>
        )}
        {!disabled && (
          <FormFoot
            submit={rule ? 'Save' : 'Add hours'}
            saving={create.isPending || update.isPending}
            disabled={!ready}
            onBack={onClose}
          />
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
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={5} />;
  return <HoursForm key={query.data.id} live={query.data} onClose={onClose} />;
}

export function HoursDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <FormDrawer
      id={id}
      onClose={onClose}
      newTitle="New weekly hours"
      title="Weekly hours"
      fresh={<HoursForm live={undefined} onClose={onClose} />}
      existing={(row) => <Existing id={row} onClose={onClose} />}
    />
  );
}
