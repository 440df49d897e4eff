import { Button, Checkbox, Fieldset, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { quietHoursChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { QuietHoursRule } from '@/api/types';
import { type Hours, HoursFields } from '@/components/hours-fields';
import { notifyDone } from '@/components/notify';
import { WEEKDAYS } from '@/lib/weekdays';
import { hoursOf, rowProblem, windowsLabel, windowsOf } from './hours';

type Kind = 'hours' | 'closed' | 'off';

const KINDS: { value: Kind; label: string; description: string }[] = [
  { value: 'hours', label: 'Other hours', description: 'Texts may arrive in these hours instead.' },
  { value: 'closed', label: 'Closed always', description: 'Nothing it binds goes out while this holds.' },
  { value: 'off', label: 'Turn it off', description: 'The rule holds nothing back. The others still do.' },
];

const isKind = (value: string): value is Kind => KINDS.some((kind) => kind.value === value);

const another = (): Hours => ({ weekdays: [...WEEKDAYS], from: '09:00', to: '20:00' });

function OverrideForm({ rule, onClose }: { rule: QuietHoursRule; onClose: () => void }) {
  const client = useQueryClient();
  const own = rule.jurisdiction === '*';
  const [kind, setKind] = useState<Kind>('hours');
  const [rows, setRows] = useState<Hours[]>(() => hoursOf(rule.hours_in_force ?? rule.windows));
  const [keepHolidays, setKeepHolidays] = useState(true);
  const [reason, setReason] = useState('');
  const save = api.useMutation('post', '/api/compliance/overrides', {
    onSuccess: async () => {
      notifyDone('Override recorded', rule.title);
      onClose();
      await quietHoursChanged(client);
    },
  });
  const problem = save.error ? toProblem(save.error) : null;
  const other = problem && problem.fields.length === 0 ? problem.message : null;
  const wrong = kind === 'hours' && (rows.length === 0 || rows.some((row) => rowProblem(row)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const windows = kind === 'off' ? {} : { windows: kind === 'closed' ? [] : windowsOf(rows) };
        save.mutate({
          body: {
            rule_id: rule.id,
            off: kind === 'off',
            ...windows,
            keep_holidays: keepHolidays,
            reason: reason.trim(),
          },
        });
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          {own
            ? 'These are your own hours. Laws hold besides them.'
            : 'This replaces the reading of a law that ships. Be sure, and say why: it is kept for good, with your name.'}{' '}
          As it ships: {windowsLabel(rule.windows)}.
        </Text>
        <Radio.Group label="Instead" value={kind} onChange={(value) => isKind(value) && setKind(value)}>
          <Stack gap="xs" mt={6}>
            {KINDS.map((k) => (
              <Radio key={k.value} value={k.value} label={k.label} description={k.description} />
            ))}
          </Stack>
        </Radio.Group>
        {kind === 'hours' && (
          <Stack gap="sm">
            {rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
              <Fieldset key={index} legend={`Hours ${index + 1}`}>
                <HoursFields
                  value={row}
                  error={rowProblem(row)}
                  onChange={(changed) => setRows(rows.map((old, at) => (at === index ? changed : old)))}
                />
                <Button
                  mt="sm"
                  size="xs"
                  variant="subtle"
                  color="gray"
                  leftSection={<IconTrash size={15} />}
                  aria-label={`Remove hours ${index + 1}`}
                  onClick={() => setRows(rows.filter((_, at) => at !== index))}
                >
                  Remove
                </Button>
              </Fieldset>
            ))}
            <div>
              <Button
                size="xs"
                variant="light"
                leftSection={<IconPlus size={15} />}
                disabled={rows.length >= 21}
                onClick={() => setRows([...rows, another()])}
              >
                Add hours
              </Button>
            </div>
            {problem?.field('windows') && (
              <Text size="sm" c="red" role="alert">
                {problem.field('windows')}
              </Text>
            )}
          </Stack>
        )}
        {rule.closed_on.length > 0 && kind === 'hours' && (
          <Checkbox
            label="Holidays stay closed"
            checked={keepHolidays}
            onChange={(event) => setKeepHolidays(event.currentTarget.checked)}
          />
        )}
        <Textarea
          label="Reason"
          description="For the record, and for whoever asks later."
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          error={problem?.field('reason') ?? other}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={own ? 'petrol' : 'red'}
            loading={save.isPending}
            disabled={!reason.trim() || wrong}
          >
            Override
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Props = { rule: QuietHoursRule | null; onClose: () => void };

/** Puts hours in the place of the rule's, with a reason. */
export function OverrideDialog({ rule, onClose }: Props) {
  return (
    <Modal
      opened={rule !== null}
      onClose={onClose}
      title={rule ? `Override: ${rule.title}` : ''}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {rule && <OverrideForm rule={rule} onClose={onClose} />}
    </Modal>
  );
}
