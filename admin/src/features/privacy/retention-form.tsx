import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { privacyChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { PrivacySettings } from '@/api/types';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { daysOf, LONGEST, SHORTEST, termProblem, termWords } from './terms';

const FIELDS = [
  {
    name: 'messages_days',
    label: 'Texts',
    description: 'Texts and their pictures’ addresses, with what the provider handed over and reported about them.',
  },
  {
    name: 'turns_days',
    label: 'The assistant’s reasons',
    description: 'How it read each text and why it answered so.',
  },
  {
    name: 'receipts_days',
    label: 'Provider’s records',
    description: 'What Twilio sent here, whatever becomes of the texts: also the guard against a text delivered twice.',
  },
  { name: 'audit_days', label: 'Audit log', description: 'Who of the staff did what.' },
] as const;

type Name = (typeof FIELDS)[number]['name'];
type Values = Record<Name, number | string>;

const valuesOf = (settings: PrivacySettings): Values => ({
  messages_days: settings.messages_days ?? '',
  turns_days: settings.turns_days ?? '',
  receipts_days: settings.receipts_days ?? '',
  audit_days: settings.audit_days ?? '',
});

/** Whether saving deletes rows that are kept now. */
const isShorter = (settings: PrivacySettings, values: Values): boolean =>
  FIELDS.some(({ name }) => {
    const [before, after] = [settings[name] ?? null, daysOf(values[name])];
    return after !== null && (before === null || after < before);
  });

export function RetentionForm({ live }: { live: PrivacySettings }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Values | null>(null);
  const {
    form,
    row: settings,
    newer,
    goOn,
  } = useRowForm(live, valuesOf, {
    messages_days: termProblem,
    turns_days: termProblem,
    receipts_days: termProblem,
    audit_days: termProblem,
  });
  const save = api.useMutation('put', '/api/privacy/settings', {
    onSuccess: async (saved) => {
      goOn(saved);
      setAsked(null);
      notifyDone('Retention saved');
      await privacyChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      setAsked(null);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t save', problem);
    },
  });
  const send = (values: Values) =>
    save.mutate({
      params: { header: { 'If-Match': `"${settings.version}"` } },
      body: {
        messages_days: daysOf(values.messages_days),
        turns_days: daysOf(values.turns_days),
        receipts_days: daysOf(values.receipts_days),
        audit_days: daysOf(values.audit_days),
      },
    });
  return (
    <form noValidate onSubmit={form.onSubmit((v) => (isShorter(settings, v) ? setAsked(v) : send(v)))}>
      <Stack gap="lg">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        {FIELDS.map(({ name, label, description }) => (
          <div key={name}>
            <NumberInput
              label={label}
              description={description}
              placeholder="For ever"
              suffix=" days"
              min={SHORTEST}
              max={LONGEST}
              step={30}
              clampBehavior="none"
              allowDecimal={false}
              {...form.getInputProps(name)}
            />
            {termProblem(form.values[name]) === null && (
              <Text size="xs" c="dimmed" mt={4}>
                {termWords(daysOf(form.values[name]))}
              </Text>
            )}
          </div>
        ))}
        <Group justify="flex-end" gap="sm">
          {form.isDirty() && (
            <Button variant="subtle" color="gray" onClick={form.reset}>
              Undo
            </Button>
          )}
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            Save
          </Button>
        </Group>
      </Stack>
      <Confirm
        opened={asked !== null}
        title="Delete what is older?"
        confirmLabel="Save and delete"
        keepLabel="Not now"
        busy={save.isPending}
        onConfirm={() => asked && send(asked)}
        onClose={() => setAsked(null)}
      >
        What is older than these terms is deleted within a day, and then every day. It cannot be brought back.
      </Confirm>
    </form>
  );
}
