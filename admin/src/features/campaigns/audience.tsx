import { SegmentedControl, Select, TagsInput, Text, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { CampaignFilter } from '@/api/types';
import { SEGMENTS } from './audience-words';
import classes from './campaigns.module.css';
import { audienceOf, type CampaignValues, readList, WHOM, type Whom } from './drafts';
import { people } from './words';

type Form = UseFormReturnType<CampaignValues>;

const CHOICES: { value: Whom; label: string }[] = [
  { value: 'everybody', label: 'Everybody' },
  { value: 'segment', label: 'A segment' },
  { value: 'tags', label: 'By tags' },
  { value: 'listed', label: 'A list' },
  { value: 'import', label: 'A file' },
];
const KEPT: { value: Whom; label: string } = { value: 'kept', label: 'As it is' };

/** How many a filter means, a moment after it was changed. */
function Count({ filter }: { filter: CampaignFilter }) {
  const [settled] = useDebouncedValue(JSON.stringify(filter), 400);
  const { data, error } = api.useQuery(
    'post',
    '/api/segments/count',
    { body: { filter: JSON.parse(settled) as CampaignFilter } },
    { placeholderData: keepPreviousData, staleTime: 15_000, gcTime: 30_000, retry: false },
  );
  if (error) {
    return (
      <Text size="sm" c="red" role="alert">
        {toProblem(error).message}
      </Text>
    );
  }
  return (
    <p className={classes.count} aria-live="polite" data-testid="audience-count">
      {data ? (
        <>
          {!data.exact && 'About '}
          <b>{people(data.contacts)}</b> now
          {data.contacts > 0 &&
            `: ${data.opted_in.toLocaleString('en-US')} agreed to texts, ${data.pending.toLocaleString('en-US')} only wrote or were added, ${data.opted_out.toLocaleString('en-US')} opted out`}
          .
        </>
      ) : (
        'Counting …'
      )}
    </p>
  );
}

function SegmentSelect({ form, disabled }: { form: Form; disabled: boolean }) {
  const { data } = api.useQuery('get', '/api/segments', SEGMENTS, { staleTime: 15_000 });
  const segments = data?.items ?? [];
  const { segmentId } = form.values;
  const gone = segmentId && data && !segments.some((one) => one.id === segmentId);
  return (
    <Select
      label="Segment"
      placeholder={data && segments.length === 0 ? 'There are no segments yet' : 'Choose a segment'}
      searchable
      disabled={disabled}
      data={[
        ...segments.map(({ id, name }) => ({ value: id, label: name })),
        ...(gone ? [{ value: segmentId, label: 'A segment that was put away' }] : []),
      ]}
      nothingFoundMessage="No segment matches"
      {...form.getInputProps('segmentId')}
    />
  );
}

function ImportSelect({ form, disabled }: { form: Form; disabled: boolean }) {
  const query = { params: { query: { limit: 100 } } } as const;
  const { data } = api.useQuery('get', '/api/contacts/imports', query, { staleTime: 15_000 });
  const files = (data?.items ?? []).filter((one) => one.status === 'done' || one.id === form.values.importId);
  return (
    <Select
      label="File that was brought in"
      description="Everybody in it, for a month after it was brought in."
      placeholder={data && files.length === 0 ? 'No file was brought in lately' : 'Choose a file'}
      searchable
      disabled={disabled}
      data={files.map(({ id, file_name, rows }) => ({
        value: id,
        label: `${file_name} (${rows.toLocaleString('en-US')} rows)`,
      }))}
      {...form.getInputProps('importId')}
    />
  );
}

function Listed({ form, disabled }: { form: Form; disabled: boolean }) {
  const { ids, numbers } = readList(form.values.listed);
  return (
    <Textarea
      label="Numbers or ids"
      description={`One a line, up to 10,000. Who is no contact is left out. ${people(ids.length + numbers.length)} listed.`}
      placeholder={'+1 415 555 0101\n+1 415 555 0102'}
      autosize
      minRows={3}
      maxRows={10}
      disabled={disabled}
      {...form.getInputProps('listed')}
    />
  );
}

/** Whom it is for, and how many that is. */
export function AudienceFields({ form, disabled }: { form: Form; disabled: boolean }) {
  const sees = useMay('contacts.read');
  const { whom, kept, segmentId } = form.values;
  const { data } = api.useQuery('get', '/api/segments', SEGMENTS, { staleTime: 15_000, enabled: sees });
  const audience = audienceOf(form.values);
  const segment = whom === 'segment' ? data?.items.find((one) => one.id === segmentId) : undefined;
  // Of a segment with conditions beside it the server alone knows.
  const counted: CampaignFilter | null | undefined = segment
    ? segment.filter
    : audience?.segment_id
      ? undefined
      : audience?.filter;
  return (
    <div className={classes.stacked}>
      <SegmentedControl
        aria-label="Whom it is for"
        disabled={disabled}
        value={whom === 'nobody' ? '' : whom}
        onChange={(value) => {
          form.setFieldValue('whom', WHOM.find((one) => one === value) ?? 'nobody');
          form.clearFieldError('whom');
        }}
        data={kept ? [...CHOICES, KEPT] : CHOICES}
        className={classes.choices}
      />
      {whom === 'nobody' && (
        <Text size="sm" c="dimmed">
          Choose whom it is for. Who may not be texted is left out by itself.
        </Text>
      )}
      {whom === 'segment' && <SegmentSelect form={form} disabled={disabled} />}
      {whom === 'tags' && (
        <TagsInput
          label="Tags"
          description="Whoever has one of them. Press Enter after each."
          maxTags={50}
          disabled={disabled}
          {...form.getInputProps('tags')}
        />
      )}
      {whom === 'listed' && <Listed form={form} disabled={disabled} />}
      {whom === 'import' && <ImportSelect form={form} disabled={disabled} />}
      {whom === 'kept' && (
        <Text size="sm">Its conditions were written elsewhere and cannot be shown here. They stay as they are.</Text>
      )}
      {form.errors.whom && (
        <Text size="sm" c="red" role="alert">
          {form.errors.whom}
        </Text>
      )}
      {sees && counted && <Count filter={counted} />}
    </div>
  );
}
