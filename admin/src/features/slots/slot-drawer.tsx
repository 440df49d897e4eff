import { Button, Drawer, Group, NumberInput, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { bookingsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Slot } from '@/api/types';
import { AppointmentList } from '@/components/appointments';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { ContactSelect } from '@/components/contact-select';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { EmptyState, ListState, SkeletonRows } from '@/components/states';
import type { Tone } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { type SlotState, slotLabel, slotState } from '@/lib/slots';
import { formatDateTime, formatRange } from '@/lib/time';
import classes from './slots.module.css';

const TONES: Record<SlotState, Tone> = { free: 'good', partly: 'accent', full: 'warn', closed: 'neutral' };

function Booked({ slot }: { slot: Slot }) {
  const query = api.useQuery('get', '/api/appointments', {
    params: { query: { slot_id: slot.id, limit: 200 } },
  });
  // A booking given back is history, not somebody in the chair.
  const booked = (query.data?.items ?? []).filter((a) => a.status !== 'cancelled' && a.status !== 'expired');
  return (
    <ListState
      query={query}
      isEmpty={booked.length === 0}
      skeleton={<SkeletonRows rows={1} />}
      empty={<EmptyState title="Nobody is booked" />}
    >
      <AppointmentList appointments={booked} label="Booked" withContact withCancel withDate={false} />
    </ListState>
  );
}

function Book({ slot }: { slot: Slot }) {
  const client = useQueryClient();
  const [contactId, setContactId] = useState<string | null>(null);
  const book = api.useMutation('post', '/api/appointments', {
    onSuccess: async (appointment) => {
      setContactId(null);
      notifyDone(
        appointment.status === 'held' ? 'Place held' : 'Appointment booked',
        `${personName(appointment.contact)}, ${appointment.service_name}`,
      );
      await bookingsChanged(client);
    },
    onError: async (error) => {
      notifyProblem('Couldn’t book this time', toProblem(error));
      await bookingsChanged(client);
    },
  });
  return (
    <Stack gap="sm">
      <ContactSelect value={contactId} onChange={setContactId} />
      <Button
        disabled={!contactId}
        loading={book.isPending}
        onClick={() => contactId && book.mutate({ body: { contact_id: contactId, slot_id: slot.id } })}
      >
        Book this time
      </Button>
    </Stack>
  );
}

const placesOf = (slot: Slot) => ({ capacity: slot.capacity as number | string });

/** Its places, and taking it out of the calendar. */
function Change({ live, onGone }: { live: Slot; onGone: () => void }) {
  const client = useQueryClient();
  const { form, row: slot, newer, goOn } = useRowForm(live, placesOf);
  const { capacity } = form.values;
  const [opened, { open, close }] = useDisclosure();
  const update = api.useMutation('patch', '/api/slots/{id}', {
    onSuccess: async (saved) => {
      goOn(saved);
      notifyDone('Slot saved');
      await bookingsChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t change the slot', toProblem(error)),
  });
  const remove = api.useMutation('delete', '/api/slots/{id}', {
    onSuccess: async () => {
      close();
      onGone();
      notifyDone('Slot removed');
      await bookingsChanged(client);
    },
    onError: (error) => {
      close();
      notifyProblem('Couldn’t remove the slot', toProblem(error));
    },
  });
  const path = { id: slot.id };
  return (
    <Stack gap="sm">
      {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
      <Group align="end">
        <NumberInput
          label="Places"
          min={Math.max(1, live.taken)}
          max={10_000}
          flex={1}
          {...form.getInputProps('capacity')}
        />
        <Button
          variant="default"
          disabled={Number(capacity) === slot.capacity || Number(capacity) < 1}
          loading={update.isPending}
          onClick={() =>
            update.mutate({
              params: { path, header: { 'If-Match': `"${slot.version}"` } },
              body: { capacity: Number(capacity) },
            })
          }
        >
          Save places
        </Button>
      </Group>
      {live.taken === 0 && (
        <Button variant="light" color="red" leftSection={<IconTrash size={17} />} onClick={open}>
          Remove this slot
        </Button>
      )}
      <Confirm
        opened={opened}
        title="Remove this slot?"
        confirmLabel="Remove"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path } })}
      >
        Nobody has it. Weekly hours do not make it again.
      </Confirm>
    </Stack>
  );
}

function Details({ slot, onGone }: { slot: Slot; onGone: () => void }) {
  const zone = useZone();
  const books = useMay('booking.write');
  const writes = useMay('catalog.write');
  const state = slotState(slot);
  return (
    <>
      <dl className={classes.facts}>
        <div>
          <dt>State</dt>
          <dd>
            <Pill tone={TONES[state]} data-testid="slot-state" data-state={state}>
              {slotLabel(slot)}
            </Pill>
          </dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd>{formatRange(slot.start_time, slot.end_time, zone)}</dd>
        </div>
        <div>
          <dt>Service</dt>
          <dd>{slot.service_name}</dd>
        </div>
        <div>
          <dt>Provider</dt>
          <dd>{slot.provider_name}</dd>
        </div>
        <div>
          <dt>Break after</dt>
          <dd>{slot.buffer_minutes > 0 ? `${slot.buffer_minutes} minutes` : 'None'}</dd>
        </div>
        <div>
          <dt>Places</dt>
          <dd>
            {slot.taken} of {slot.capacity} taken
          </dd>
        </div>
      </dl>
      <section className={classes.part}>
        <Title order={3}>Who is booked</Title>
        <div className={classes.booked}>
          <Booked slot={slot} />
        </div>
      </section>
      {books && slot.available && slot.taken < slot.capacity && (
        <section className={classes.part}>
          <Title order={3} mb="xs">
            Book for a contact
          </Title>
          <Book key={slot.id} slot={slot} />
        </section>
      )}
      {!slot.available && slot.taken < slot.capacity && (
        <Text size="sm" c="dimmed">
          {slot.closed
            ? 'This lies on a closed day.'
            : 'This time can’t be booked now: it has passed, or the provider is busy.'}
        </Text>
      )}
      {writes && (
        <section className={classes.part}>
          <Title order={3} mb="xs">
            Change
          </Title>
          <Change key={slot.id} live={slot} onGone={onGone} />
        </section>
      )}
    </>
  );
}

export function SlotDrawer({ slot, onClose }: { slot: Slot | undefined; onClose: () => void }) {
  const zone = useZone();
  return (
    <Drawer
      opened={slot !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={slot && formatDateTime(slot.start_time, zone)}
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ title: classes.drawerTitle }}
    >
      {slot && <Details slot={slot} onGone={onClose} />}
    </Drawer>
  );
}
