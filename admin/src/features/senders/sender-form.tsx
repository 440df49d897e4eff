import { Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { sendersChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Sender } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { channel } from '@/lib/labels';
import { paceText } from '@/lib/senders';

const SERVICE = /^MG[0-9a-fA-F]{32}$/;

type Values = {
  channel: string;
  address: string;
  display_name: string;
  messaging_service_sid: string;
  max_per_second: number | string;
  max_per_day: number | string;
};

/** An empty field is none. */
const orNone = (value: number | string): number | null => (value === '' ? null : Number(value));

/** `sender` is the one the form was opened on: its version goes with the change. */
export function SenderForm({ sender, onClose }: { sender: Sender | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const simulator = sender?.channel === 'simulator';
  const form = useForm<Values>({
    initialValues: {
      channel: sender?.channel ?? 'sms',
      address: sender?.address ?? '',
      display_name: sender?.display_name ?? '',
      messaging_service_sid: sender?.messaging_service_sid ?? '',
      max_per_second: sender?.max_per_second ?? '',
      max_per_day: sender?.max_per_day ?? '',
    },
    validate: {
      address: (value) => (sender || /\d{2}/.test(value) ? null : 'Enter a phone number'),
      display_name: (value) => (value.trim() ? null : 'Give it a name'),
      messaging_service_sid: (value) =>
        !value.trim() || SERVICE.test(value.trim()) ? null : 'MG and 32 hexadecimal digits',
      max_per_second: (value) =>
        value === '' || (Number(value) >= 0.01 && Number(value) <= 2000) ? null : 'From 0.01 to 2,000',
      max_per_day: (value) => (value === '' || Number(value) >= 1 ? null : 'At least 1'),
    },
  });
  const done = async (row: Sender) => {
    notifyDone(sender ? 'Sender saved' : 'Sender added', row.display_name);
    onClose();
    await sendersChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    if (problem.code === 'already_exists')
      return form.setErrors({ address: 'You have this sender already; look under Archived too' });
    if (problem.code === 'address_taken') return form.setErrors({ address: problem.message });
    if (problem.code === 'version_conflict') {
      notifyProblem('Somebody else changed it: open it again', problem);
      onClose();
      return void sendersChanged(client);
    }
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.fields.length === 0) notifyProblem('Couldn’t save the sender', problem);
  };
  const create = api.useMutation('post', '/api/senders', { onSuccess: done, onError: failed });
  const update = api.useMutation('patch', '/api/senders/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit((values) => {
    const body = {
      display_name: values.display_name.trim(),
      messaging_service_sid: values.messaging_service_sid.trim() || null,
      max_per_second: orNone(values.max_per_second),
      max_per_day: orNone(values.max_per_day),
    };
    if (sender) {
      return update.mutate({
        params: { path: { id: sender.id } },
        headers: { 'If-Match': `"${sender.version}"` },
        body,
      });
    }
    const way = values.channel === 'whatsapp' ? 'whatsapp' : 'sms';
    create.mutate({ body: { channel: way, address: values.address, ...body } });
  });
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {!sender && (
          <>
            <Select
              label="Channel"
              allowDeselect={false}
              data={['sms', 'whatsapp'].map((value) => ({ value, label: channel(value).label }))}
              {...form.getInputProps('channel')}
            />
            <TextInput
              label="Number"
              description="One of your Twilio account, in any usual spelling; a short code by its digits."
              type="tel"
              required
              maxLength={40}
              {...form.getInputProps('address')}
            />
          </>
        )}
        <TextInput label="Name" required maxLength={80} {...form.getInputProps('display_name')} />
        {!simulator && (
          <>
            <TextInput
              label="Messaging service"
              description="Optional: texts go through this Twilio messaging service."
              placeholder="MG…"
              {...form.getInputProps('messaging_service_sid')}
            />
            <NumberInput
              label="Segments a second"
              description="What Twilio allows this number or service. Empty: what is usual for its kind."
              placeholder={sender && !sender.max_per_second ? paceText(sender.per_second, sender.channel) : undefined}
              min={0.01}
              max={2000}
              clampBehavior="none"
              {...form.getInputProps('max_per_second')}
            />
            <NumberInput
              label="Segments a day"
              description="Optional, as a carrier caps your brand. The day ends at midnight Pacific time."
              min={1}
              max={2_000_000_000}
              allowDecimal={false}
              clampBehavior="none"
              thousandSeparator=","
              {...form.getInputProps('max_per_day')}
            />
          </>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {sender ? 'Save' : 'Add sender'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
