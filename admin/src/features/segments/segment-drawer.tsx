import { Alert, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { segmentsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Segment, SegmentFilter } from '@/api/types';
import { FormDrawer, FormFoot } from '@/components/form-drawer';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';
import { Builder } from './builder';
import { type Draft, draftOf, everybody, filterOf, isReady, ruleAt } from './filter';
import { LiveCount } from './live-count';

type Values = {
  name: string;
  /** As it is kept, for what cannot be drawn. */
  filter: SegmentFilter;
  /** None: it is deeper than one draws. */
  draft: Draft | undefined;
};

const valuesOf = (segment: Segment | undefined): Values => ({
  name: segment?.name ?? '',
  filter: segment?.filter ?? { all: [] },
  draft: segment ? draftOf(segment.filter) : everybody(),
});

const RULES = {
  name: (value: string) => (value.trim() === '' ? 'Give it a name' : null),
};

function SegmentForm({ live, onClose }: { live: Segment | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const disabled = !useMay('contacts.write');
  const { form, row: segment, newer, goOn } = useRowForm(live, valuesOf, RULES);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { draft } = form.values;
  const filter = draft ? filterOf(draft) : form.values.filter;
  const ready = draft ? isReady(draft) : true;
  const done = async () => {
    notifyDone(segment ? 'Segment saved' : 'Segment added', form.values.name.trim());
    onClose();
    await segmentsChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    const placed = problem.fields.map((f) => [draft && ruleAt(draft, f.field), f.message] as const);
    setErrors(Object.fromEntries(placed.filter(([key]) => key)));
    form.setErrors(
      Object.fromEntries(problem.fields.filter((f) => f.field === 'name').map((f) => [f.field, f.message])),
    );
    if (problem.code === 'version_conflict') void segmentsChanged(client);
    else if (!placed.some(([key]) => key)) notifyProblem('Couldn’t save the segment', problem);
  };
  const create = api.useMutation('post', '/api/segments', { onSuccess: done, onError: failed });
  const update = api.useMutation('patch', '/api/segments/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit(({ name }) => {
    setErrors({});
    const body = { name: name.trim(), filter };
    if (!segment) return create.mutate({ body });
    const header = { 'If-Match': `"${segment.version}"` };
    update.mutate({ params: { path: { id: segment.id }, header }, body });
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
        {draft ? (
          <Builder
            draft={draft}
            disabled={disabled}
            errors={errors}
            onChange={(next) => form.setFieldValue('draft', next)}
          />
        ) : (
          <Alert color="gray" variant="light" title="More levels than are shown here">
            A program wrote this filter. It works as it is; here only the name can be changed.
          </Alert>
        )}
        <LiveCount filter={filter} ready={ready} />
        {!disabled && (
          <FormFoot
            submit={segment ? 'Save' : 'Add segment'}
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
  const query = api.useQuery('get', '/api/segments/{id}', { params: { path: { id } } }, { staleTime: 0, gcTime: 0 });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={6} />;
  return <SegmentForm key={query.data.id} live={query.data} onClose={onClose} />;
}

/** `id` is a segment's, or `new`, or nothing while closed. */
export function SegmentDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <FormDrawer
      id={id}
      onClose={onClose}
      size="xl"
      newTitle="New segment"
      title="Segment"
      fresh={<SegmentForm live={undefined} onClose={onClose} />}
      existing={(row) => <Existing id={row} onClose={onClose} />}
    />
  );
}
