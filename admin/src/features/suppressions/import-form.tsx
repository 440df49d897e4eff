import { Alert, Button, FileButton, Group, ScrollArea, Stack, Table, Text, Textarea, TextInput } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { SuppressionImport } from '@/api/types';
import { Pill } from '@/components/badges';
import { notifyDone } from '@/components/notify';
import { importVerdict } from '@/lib/labels';
import { endOf, UntilField } from './until';

/** What fits into one request, with the rest of it. */
const MOST_BYTES = 240_000;
/** Rows shown of a long list; those with something to say come first. */
const SHOWN = 200;

const numbers = (count: number) => (count === 1 ? '1 number' : `${count.toLocaleString('en-US')} numbers`);

/** What would become of the list, those rows first that are left out. */
function Preview({ found }: { found: SuppressionImport }) {
  const odd = found.rows.filter((row) => row.verdict !== 'added');
  const rows = [...odd, ...found.rows.filter((row) => row.verdict === 'added')].slice(0, SHOWN);
  return (
    <Stack gap="xs" data-testid="import-preview">
      <Group gap="xs">
        <Pill tone="good">{numbers(found.added)} to add</Pill>
        {found.already_there > 0 && <Pill tone="neutral">{found.already_there} there already</Pill>}
        {found.repeated > 0 && <Pill tone="neutral">{found.repeated} repeated</Pill>}
        {found.invalid > 0 && <Pill tone="bad">{found.invalid} without a number</Pill>}
      </Group>
      <ScrollArea.Autosize mah={260}>
        <Table aria-label="Rows of the list" striped withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Line</Table.Th>
              <Table.Th>As it stands there</Table.Th>
              <Table.Th>Number</Table.Th>
              <Table.Th>Then</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.line}>
                <Table.Td>{row.line}</Table.Td>
                <Table.Td>{row.text || '—'}</Table.Td>
                <Table.Td>{row.phone_number ?? '—'}</Table.Td>
                <Table.Td>{importVerdict(row.verdict).label}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
      {found.rows.length > SHOWN && (
        <Text size="sm" c="dimmed">
          And {(found.rows.length - SHOWN).toLocaleString('en-US')} more rows.
        </Text>
      )}
    </Stack>
  );
}

/** A list of numbers: pasted or chosen, looked at row by row, then taken in. */
export function ImportForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const zone = useZone();
  const [csv, setCsv] = useState('');
  const [note, setNote] = useState('');
  const [until, setUntil] = useState('');
  const preview = api.useMutation('post', '/api/suppressions/import');
  const take = api.useMutation('post', '/api/suppressions/import', {
    onSuccess: async (taken) => {
      notifyDone(`${numbers(taken.added)} blocked`);
      onClose();
      await contactsChanged(client);
    },
  });
  const error = take.error ?? preview.error;
  const problem = error ? toProblem(error) : null;
  const tooLong = new TextEncoder().encode(JSON.stringify(csv)).length > MOST_BYTES;
  const body = { csv, note: note.trim(), expires_at: endOf(until, zone) };
  // What was looked at is what is taken in.
  const change = (text: string) => {
    setCsv(text);
    preview.reset();
    take.reset();
  };
  const other = problem && problem.fields.length === 0 ? problem.message : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (preview.data) take.mutate({ body });
        else preview.mutate({ body: { ...body, preview: true } });
      }}
    >
      <Stack gap="md">
        <Textarea
          label="Numbers"
          description="CSV with one number per row, in any usual spelling. A column named reason is kept."
          placeholder={'phone,reason\n(415) 555-0101,Asked by letter'}
          required
          autosize
          minRows={4}
          maxRows={10}
          data-autofocus
          value={csv}
          error={
            problem?.field('csv') ??
            (tooLong ? 'This is more than fits into one list: bring it in in parts.' : undefined)
          }
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Group>
          <FileButton
            accept=".csv,.txt,text/csv,text/plain"
            onChange={(file) => {
              if (file) void file.text().then(change);
            }}
          >
            {(props) => (
              <Button {...props} variant="default" size="xs" leftSection={<IconFileUpload size={15} />}>
                Choose a file
              </Button>
            )}
          </FileButton>
        </Group>
        <TextInput
          label="What list this is"
          description="For the record."
          required
          maxLength={500}
          value={note}
          error={problem?.field('note')}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <UntilField value={until} error={problem?.field('expires_at')} onChange={setUntil} />
        {other && <Alert color="red">{other}</Alert>}
        {preview.data && <Preview found={preview.data} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={preview.data ? 'red' : undefined}
            loading={preview.isPending || take.isPending}
            disabled={!csv.trim() || !note.trim() || tooLong || preview.data?.added === 0}
          >
            {preview.data ? `Block ${numbers(preview.data.added)}` : 'Look at it'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
