import { Select, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Provider } from '@/api/types';
import { FormDrawer, FormFoot } from '@/components/form-drawer';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';

function ProviderForm({ live, onClose }: { live: Provider | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const zone = useZone();
  const disabled = !useMay('catalog.write');
  const valuesOf = (row: Provider | undefined) => ({
    name: row?.name ?? '',
    timezone: row?.timezone ?? zone,
    active: row?.active ?? true,
  });
  const {
    form,
    row: provider,
    newer,
    goOn,
  } = useRowForm(live, valuesOf, { name: (name) => (name.trim() ? null : 'Give them a name.') });
  const zones = [...new Set([form.values.timezone, zone, ...Intl.supportedValuesOf('timeZone')])].sort();
  const done = async () => {
    notifyDone(provider ? 'Provider saved' : 'Provider added', form.values.name.trim());
    onClose();
    await calendarChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.code === 'already_exists') form.setFieldError('name', 'Another provider has this name.');
    else if (problem.fields.length === 0) notifyProblem('Couldn’t save the provider', problem);
  };
  const create = api.useMutation('post', '/api/providers', { onSuccess: done, onError: failed });
  const update = api.useMutation('patch', '/api/providers/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit((values) => {
    const body = { ...values, name: values.name.trim() };
    if (!provider) create.mutate({ body });
    else
      update.mutate({ params: { path: { id: provider.id }, header: { 'If-Match': `"${provider.version}"` } }, body });
  });
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <TextInput
          label="Name"
          description="A person, or a room."
          required
          maxLength={120}
          disabled={disabled}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select
          label="Time zone"
          description="Their weekly hours are meant on its clock. Slots that are there keep their times."
          searchable
          allowDeselect={false}
          limit={100}
          disabled={disabled}
          data={zones}
          {...form.getInputProps('timezone')}
        />
        <Switch
          label="Active"
          description="Switched off they are archived: nobody can book them, and what was booked stays."
          disabled={disabled}
          {...form.getInputProps('active', { type: 'checkbox' })}
        />
        {!disabled && (
          <FormFoot
            submit={provider ? 'Save' : 'Add provider'}
            saving={create.isPending || update.isPending}
            onBack={onClose}
          />
        )}
      </Stack>
    </form>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  const query = api.useQuery('get', '/api/providers/{id}', { params: { path: { id } } }, { staleTime: 0, gcTime: 0 });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={4} />;
  return <ProviderForm key={query.data.id} live={query.data} onClose={onClose} />;
}

export function ProviderDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <FormDrawer
      id={id}
      onClose={onClose}
      newTitle="New provider"
      title="Provider"
      fresh={<ProviderForm live={undefined} onClose={onClose} />}
      existing={(row) => <Existing id={row} onClose={onClose} />}
    />
  );
}
