import { Alert, Button, Checkbox, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { ContactImport, ImportPreview } from '@/api/types';
import { notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { ErrorState, SkeletonRows } from '@/components/states';
import { lifecycleStage } from '@/lib/labels';
import { ConsentFields } from './consent-fields';
import { type Draft, decidedOf, draftOf, EXISTING, isProven, optionsOf, rows } from './drafts';
import classes from './imports.module.css';
import { Counts, PreviewTable } from './preview';

const STAGES = ['lead', 'prospect', 'customer', 'former'] as const;

function Decisions({ guessed, importId }: { guessed: ImportPreview; importId: string }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(guessed));
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
  const [asked] = useDebouncedValue(optionsOf(draft), 300);
  const again = api.useQuery(
    'post',
    '/api/contacts/imports/{id}/preview',
    { params: { path: { id: importId } }, body: asked },
    { placeholderData: keepPreviousData, retry: false },
  );
  const start = api.useMutation('post', '/api/contacts/import/execute', { onSuccess: () => contactsChanged(client) });
  const drop = api.useMutation('post', '/api/contacts/imports/{id}/cancel', {
    onError: (error) => notifyProblem('Couldn’t throw the file away', toProblem(error)),
    onSettled: () => contactsChanged(client),
  });
  const preview = again.data ?? guessed;
  const refused = again.error ? toProblem(again.error) : null;
  const problem = start.error ? toProblem(start.error) : null;
  const field = (name: string) => refused?.field(name) ?? problem?.field(name);
  const other = problem?.fields.filter((f) => !f.field.startsWith('options.consent.')) ?? [];
  const ready = preview.errors.length === 0 && !refused && isProven(draft.consent);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ body: { import_id: importId, options: decidedOf(draft) } });
      }}
    >
      <Stack gap="md">
        <Card title="What would become of it" aside={<Counts preview={preview} />}>
          <Stack gap="sm">
            <Checkbox
              label="The first row names the columns"
              checked={draft.header}
              onChange={(event) => set({ header: event.currentTarget.checked })}
            />
            {preview.errors.map((error) => (
              <Alert key={`${error.field} ${error.code}`} color="red" role="alert">
                {error.field === 'columns' ? `Of the columns ${error.message}.` : `The file: ${error.message}.`}
              </Alert>
            ))}
            <PreviewTable preview={preview} columns={draft.columns} onChange={(columns) => set({ columns })} />
          </Stack>
        </Card>
        <Card title="How it is taken in">
          <div className={classes.fields}>
            <Select
              label="Contacts that are there already"
              allowDeselect={false}
              data={EXISTING.map(({ value, label }) => ({ value, label }))}
              value={draft.existing}
              onChange={(value) => set({ existing: EXISTING.find((e) => e.value === value)?.value ?? draft.existing })}
            />
            <TextInput
              label="Country of numbers without one"
              description="Two letters, such as US."
              maxLength={2}
              value={draft.country}
              error={field('country')}
              onChange={(event) => set({ country: event.currentTarget.value })}
            />
            <TagsInput
              label="Tags for all of them"
              placeholder={draft.tags.length === 0 ? 'spring fair' : ''}
              maxTags={20}
              value={draft.tags}
              error={field('tags')}
              onChange={(tags) => set({ tags })}
            />
            <Select
              label="Stage of new contacts"
              description="Where the row says none."
              placeholder="Lead"
              clearable
              data={STAGES.map((value) => ({ value, label: lifecycleStage(value).label }))}
              value={draft.stage ?? null}
              onChange={(value) => set({ stage: STAGES.find((s) => s === value) ?? null })}
            />
            <TextInput
              label="Time zone of new contacts"
              description="Where the row says none; by the number if left empty."
              placeholder="America/Chicago"
              value={draft.timezone}
              error={field('timezone')}
              onChange={(event) => set({ timezone: event.currentTarget.value })}
            />
          </div>
        </Card>
        <Card title="Consent">
          <Stack gap="sm">
            <ConsentFields value={draft.consent} problem={problem} onChange={(consent) => set({ consent })} />
          </Stack>
        </Card>
        {problem && (problem.fields.length === 0 || other.length > 0) && (
          <Alert color="red" role="alert">
            {other.length > 0 ? other.map((f) => `${f.field} ${f.message}`).join('; ') : problem.message}
          </Alert>
        )}
        <Group justify="flex-end" gap="sm">
          <Button
            variant="default"
            loading={drop.isPending}
            onClick={() => drop.mutate({ params: { path: { id: importId } } })}
          >
            Throw the file away
          </Button>
          <Button type="submit" loading={start.isPending} disabled={!ready}>
            Import {rows(preview.import.rows - (draft.header ? 1 : 0))}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A file that waits: what it seems to hold, what is to become of it, and what proves that they agreed. */
export function Setup({ one }: { one: ContactImport }) {
  const guessed = api.useQuery(
    'post',
    '/api/contacts/imports/{id}/preview',
    { params: { path: { id: one.id } }, body: {} },
    { staleTime: Number.POSITIVE_INFINITY, retry: false },
  );
  if (guessed.isPending) return <SkeletonRows />;
  if (!guessed.data) return <ErrorState error={guessed.error} onRetry={() => guessed.refetch()} />;
  return <Decisions guessed={guessed.data} importId={one.id} />;
}
