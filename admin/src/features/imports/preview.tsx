import { NativeSelect, Table, Text, TextInput } from '@mantine/core';
import type { ImportColumn, ImportPreview } from '@/api/types';
import { Pill } from '@/components/badges';
import { rowVerdict } from '@/lib/labels';
import { FIELDS, rows, withField } from './drafts';
import classes from './imports.module.css';

const KINDS = ['new', 'updates', 'unchanged', 'skipped', 'duplicate', 'invalid'] as const;

/** How many rows of each kind. */
export function Counts({ preview }: { preview: ImportPreview }) {
  const { counts, judged } = preview;
  const more = preview.import.rows - judged > 1;
  return (
    <div>
      <div className={classes.counts} data-testid="import-counts">
        {KINDS.filter((kind) => counts[kind] > 0).map((kind) => (
          <Pill key={kind} tone={rowVerdict(kind).tone}>
            {counts[kind].toLocaleString('en-US')} {rowVerdict(kind).label.toLowerCase()}
          </Pill>
        ))}
        {counts.opted_out > 0 && (
          <Pill tone="warn">{counts.opted_out.toLocaleString('en-US')} opted out, and stay so</Pill>
        )}
      </div>
      {more && (
        <Text size="sm" c="dimmed" mt={6}>
          Of the first {rows(judged)}; the file has {rows(preview.import.rows)}.
        </Text>
      )}
    </div>
  );
}

type Props = {
  preview: ImportPreview;
  columns: ImportColumn[];
  onChange: (columns: ImportColumn[]) => void;
};

/** The first rows under what each column is used for, which can be changed. */
export function PreviewTable({ preview, columns, onChange }: Props) {
  return (
    <div className={classes.scroll}>
      <Table className={classes.table} aria-label="Rows of the file" verticalSpacing={6} withRowBorders={false} striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Line</Table.Th>
            <Table.Th>Then</Table.Th>
            {preview.columns.map((column, at) => {
              const name = column.header ?? `Column ${at + 1}`;
              const used = columns[at] ?? { field: 'ignore' as const, name: null };
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <Table.Th key={at}>
                  <span className={classes.header}>{name}</span>
                  <NativeSelect
                    size="xs"
                    aria-label={`Use ${name} as`}
                    data={FIELDS.map(({ value, label }) => ({ value, label }))}
                    value={used.field}
                    onChange={(event) => {
                      const field = FIELDS.find((f) => f.value === event.currentTarget.value)?.value ?? 'ignore';
                      onChange(withField(columns, at, field, column.header ?? null));
                    }}
                  />
                  {used.field === 'custom' && (
                    <TextInput
                      size="xs"
                      mt={4}
                      aria-label={`Name of ${name}`}
                      maxLength={60}
                      value={used.name ?? ''}
                      onChange={(event) => {
                        const renamed = event.currentTarget.value;
                        onChange(columns.map((c, n) => (n === at ? { field: 'custom', name: renamed } : c)));
                      }}
                    />
                  )}
                  <span className={classes.examples}>{column.examples.join(' · ')}</span>
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.rows.map((row) => (
            <Table.Tr key={row.line} data-testid="import-row">
              <Table.Td>{row.line}</Table.Td>
              <Table.Td>
                <Pill tone={rowVerdict(row.verdict).tone}>{rowVerdict(row.verdict).label}</Pill>
                {row.opted_out && <span className={classes.why}>opted out</span>}
                {row.errors.map((error) => (
                  <span className={classes.why} key={`${error.field} ${error.code}`}>
                    {FIELDS.find((f) => f.value === error.field)?.label ?? 'The row'} {error.message}
                  </span>
                ))}
              </Table.Td>
              {preview.columns.map((_, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <Table.Td key={at} className={classes.cell}>
                  {row.cells[at] ?? ''}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
