import { Group, NumberInput, SegmentedControl, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Service } from '@/api/types';
import { FormDrawer, FormFoot } from '@/components/form-drawer';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';

const valuesOf = (service: Service | undefined) => ({
  name: service?.name ?? '',
  description: service?.description ?? '',
  kind: service?.kind ?? 'appointment',
  duration_minutes: service?.duration_minutes ?? 30,
  buffer_minutes: service?.buffer_minutes ?? 0,
  capacity: service?.capacity ?? 1,
  hold_minutes: service?.hold_minutes ?? 30,
  holds: typeof service?.hold_minutes === 'number',
  position: service?.position ?? 0,
  active: service?.active ?? true,
});

function ServiceForm({ live, onClose }: { live: Service | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const disabled = !useMay('catalog.write');
  const {
    form,
    row: service,
    newer,
    goOn,
  } = useRowForm(live, valuesOf, { name: (name) => (name.trim() ? null : 'Give it a name.') });
  const { kind, holds } = form.values;
  const done = async () => {
    notifyDone(service ? 'Service saved' : 'Service added', form.values.name.trim());
    onClose();
    await calendarChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.code === 'already_exists') form.setFieldError('name', 'Another service has this name.');
    else if (problem.fields.length === 0) notifyProblem('Couldn’t save the service', problem);
  };
  const create = api.useMutation('post', '/api/services', { onSuccess: done, onError: failed });
  const update = api.useMutation('patch', '/api/services/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit(({ holds: held, ...values }) => {
    const activity = values.kind === 'activity';
    const body = {
      ...values,
      name: values.name.trim(),
      description: values.description.trim() || null,
      capacity: activity ? Number(values.capacity) : 1,
      hold_minutes: activity && held ? Number(values.hold_minutes) : null,
    };
    if (!service) create.mutate({ body });
    else update.mutate({ params: { path: { id: service.id }, header: { 'If-Match': `"${service.version}"` } }, body });
  });
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <TextInput
          label="Name"
          required
          maxLength={120}
          disabled={disabled}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Textarea
          label="Description"
          maxLength={500}
          autosize
          minRows={2}
          disabled={disabled}
          {...form.getInputProps('description')}
        />
        <SegmentedControl
          aria-label="Kind"
          disabled={disabled}
          data={[
            { value: 'appointment', label: 'Appointment' },
            { value: 'activity', label: 'Activity' },
          ]}
          {...form.getInputProps('kind')}
        />
        <Group grow align="start">
          <NumberInput
            label="Duration"
            suffix=" minutes"
            min={5}
            max={1440}
            disabled={disabled}
            {...form.getInputProps('duration_minutes')}
          />
          <NumberInput
            label="Break after"
            suffix=" minutes"
            min={0}
            max={480}
            disabled={disabled}
            {...form.getInputProps('buffer_minutes')}
          />
        </Group>
        {kind === 'activity' && (
          <>
            <NumberInput
              label="Places in a slot"
              min={1}
              max={10_000}
              disabled={disabled}
              {...form.getInputProps('capacity')}
            />
            <Switch
              label="Hold a place until it is confirmed"
              description="Staff’s bookings wait for a confirmation, and are free again without one."
              disabled={disabled}
              {...form.getInputProps('holds', { type: 'checkbox' })}
            />
            {holds && (
              <NumberInput
                label="Hold for"
                suffix=" minutes"
                min={1}
                max={43_200}
                disabled={disabled}
                {...form.getInputProps('hold_minutes')}
              />
            )}
          </>
        )}
        <NumberInput
          label="Position"
          description="Lowest first. The first active service is offered when a contact names none."
          min={0}
          max={1_000_000}
          disabled={disabled}
          {...form.getInputProps('position')}
        />
        <Switch
          label="Active"
          description="Switched off it is archived: nobody can book it, and what was booked stays."
          disabled={disabled}
          {...form.getInputProps('active', { type: 'checkbox' })}
        />
        {!disabled && (
          <FormFoot
            submit={service ? 'Save' : 'Add service'}
            saving={create.isPending || update.isPending}
            onBack={onClose}
          />
        )}
      </Stack>
    </form>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  const query = api.useQuery('get', '/api/services/{id}', { params: { path: { id } } }, { staleTime: 0, gcTime: 0 });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={5} />;
  return <ServiceForm key={query.data.id} live={query.data} onClose={onClose} />;
}

export function ServiceDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <FormDrawer
      id={id}
      onClose={onClose}
      newTitle="New service"
      title="Service"
      fresh={<ServiceForm live={undefined} onClose={onClose} />}
      existing={(row) => <Existing id={row} onClose={onClose} />}
    />
  );
}
