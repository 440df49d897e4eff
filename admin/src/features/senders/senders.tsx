import { Button, Group, Modal, SegmentedControl, Select, Stack, TextInput, VisuallyHidden } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconSend } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { sendersChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Sender } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { PhoneNumber } from '@/components/person';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { channel } from '@/lib/labels';
import { PricesCard } from './prices';
import classes from './senders.module.css';

const SERVICE = /^MG[0-9a-fA-F]{32}$/;

function SenderForm({ sender, onClose }: { sender: Sender | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const simulator = sender?.channel === 'simulator';
  const form = useForm({
    initialValues: {
      channel: sender?.channel ?? 'sms',
      address: sender?.address ?? '',
      display_name: sender?.display_name ?? '',
      messaging_service_sid: sender?.messaging_service_sid ?? '',
    },
    validate: {
      address: (value) => (sender || /\d{2}/.test(value) ? null : 'Enter a phone number'),
      display_name: (value) => (value.trim() ? null : 'Give it a name'),
      messaging_service_sid: (value) =>
        !value.trim() || SERVICE.test(value.trim()) ? null : 'MG and 32 hexadecimal digits',
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
    const display_name = values.display_name.trim();
    const messaging_service_sid = values.messaging_service_sid.trim() || null;
    if (sender) {
      return update.mutate({
        params: { path: { id: sender.id } },
        headers: { 'If-Match': `"${sender.version}"` },
        body: { display_name, messaging_service_sid },
      });
    }
    const way = values.channel === 'whatsapp' ? 'whatsapp' : 'sms';
    create.mutate({ body: { channel: way, address: values.address, display_name, messaging_service_sid } });
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
              description="One of your Twilio account, in any usual spelling."
              type="tel"
              required
              maxLength={40}
              {...form.getInputProps('address')}
            />
          </>
        )}
        <TextInput label="Name" required maxLength={80} {...form.getInputProps('display_name')} />
        {!simulator && (
          <TextInput
            label="Messaging service"
            description="Optional: texts go through this Twilio messaging service."
            placeholder="MG…"
            {...form.getInputProps('messaging_service_sid')}
          />
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

function Row({ sender, onEdit }: { sender: Sender; onEdit: () => void }) {
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure();
  const onSettled = () => sendersChanged(client);
  const remove = api.useMutation('delete', '/api/senders/{id}', {
    onSuccess: () => notifyDone('Sender removed', sender.display_name),
    onError: (error) => notifyProblem('Couldn’t remove the sender', toProblem(error)),
    onSettled: () => {
      close();
      return onSettled();
    },
  });
  const restore = api.useMutation('patch', '/api/senders/{id}', {
    onError: (error) => notifyProblem('Couldn’t take it back into use', toProblem(error)),
    onSettled,
  });
  const params = { path: { id: sender.id } };
  return (
    <li className={classes.row} data-testid="sender">
      <span className={classes.name}>
        {sender.display_name}
        <small>
          {sender.channel === 'simulator' ? 'Only in this dashboard' : <PhoneNumber value={sender.address} />}
          {sender.messaging_service_sid && ` · ${sender.messaging_service_sid}`}
        </small>
      </span>
      <span className={classes.end}>
        <Pill tone="neutral" dot={false}>
          {channel(sender.channel).label}
        </Pill>
        {sender.archived_at ? (
          <Button
            size="xs"
            variant="default"
            loading={restore.isPending}
            onClick={() => restore.mutate({ params, body: { archived: false } })}
          >
            Use again<VisuallyHidden>: {sender.display_name}</VisuallyHidden>
          </Button>
        ) : (
          <>
            <Button size="xs" variant="default" onClick={onEdit}>
              Edit<VisuallyHidden> {sender.display_name}</VisuallyHidden>
            </Button>
            {sender.channel !== 'simulator' && (
              <Button size="xs" variant="subtle" color="red" onClick={open}>
                Remove<VisuallyHidden> {sender.display_name}</VisuallyHidden>
              </Button>
            )}
          </>
        )}
      </span>
      <Confirm
        opened={asking}
        title="Remove this sender?"
        confirmLabel="Remove"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params })}
      >
        No conversation begins from it any more. If there are conversations with it, it is archived and texts to it
        still come in; otherwise it is deleted.
      </Confirm>
    </li>
  );
}

/** The addresses texts go out from. The first by SMS, else by WhatsApp, begins conversations. */
export function SendersPage() {
  const [shown, setShown] = useState('active');
  const [edited, setEdited] = useState<Sender | 'new'>();
  const query = api.useInfiniteQuery(
    'get',
    '/api/senders',
    { params: { query: { archived: shown === 'archived', limit: 50 } } },
    keyset,
  );
  const senders = query.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => setEdited(undefined);
  return (
    <Page
      title="Senders"
      description="The numbers you text from. A new conversation begins from the first by SMS, else by WhatsApp."
      actions={
        <Group gap="sm">
          <SegmentedControl
            aria-label="Which senders"
            value={shown}
            onChange={setShown}
            data={[
              { value: 'active', label: 'In use' },
              { value: 'archived', label: 'Archived' },
            ]}
          />
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited('new')}>
            New sender
          </Button>
        </Group>
      }
    >
      <Card flush>
        <ListState
          query={query}
          isEmpty={senders.length === 0}
          skeleton={<SkeletonRows rows={3} />}
          empty={<EmptyState icon={<IconSend size={24} stroke={1.7} />} title="No senders here" />}
        >
          <ul className={classes.list} aria-label="Senders">
            {senders.map((sender) => (
              <Row key={sender.id} sender={sender} onEdit={() => setEdited(sender)} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <PricesCard />
      <Modal
        opened={edited !== undefined}
        onClose={close}
        title={edited === 'new' ? 'New sender' : 'Edit sender'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {edited && <SenderForm sender={edited === 'new' ? undefined : edited} onClose={close} />}
      </Modal>
    </Page>
  );
}
