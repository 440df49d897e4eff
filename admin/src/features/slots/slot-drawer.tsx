import { Button, Drawer, Select, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { bookingsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { Slot } from '@/api/types';
import { AppointmentList } from '@/components/appointments';
import { Pill } from '@/components/badges';
import { notifyDone, notifyProblem } from '@/components/notify';
import { EmptyState, ListState, SkeletonRows } from '@/components/states';
import type { Tone } from '@/lib/labels';
import { formatPhone, personName } from '@/lib/phone';
import { type SlotState, slotLabel, slotState } from '@/lib/slots';
import { formatDateTime, formatRange } from '@/lib/time';
import classes from './slots.module.css';

const TONES: Record<SlotState, Tone> = { free: 'good', partly: 'accent', full: 'warn', closed: 'neutral' };

function Booked({ slot }: { slot: Slot }) {
  const query = api.useQuery('get', '/api/appointments', {
    params: { query: { from: slot.start_time, to: slot.end_time, limit: 200 } },
  });
  // A booking given back is history, not somebody in the chair.
  const booked = (query.data?.items ?? []).filter(
    (a) => a.slot_id === slot.id && a.status !== 'cancelled' && a.status !== 'expired',
  );
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
  const [text, setText] = useState('');
  const [contactId, setContactId] = useState<string | null>(null);
  const [q] = useDebouncedValue(text, 250);
  const contacts = api.useQuery(
    'get',
    '/api/contacts',
    { params: { query: { q: q.trim() || undefined, limit: 20 } } },
    { placeholderData: keepPreviousData },
  );
  const book = api.useMutation('post', '/api/appointments', {
    onSuccess: async (appointment) => {
      setContactId(null);
      setText('');
      notifyDone('Appointment booked', `${personName(appointment.contact)}, ${appointment.service_name}`);
      await bookingsChanged(client);
    },
    onError: async (error) => {
      notifyProblem('Couldn’t book this time', toProblem(error));
      await bookingsChanged(client);
    },
  });
  const failure: unknown = contacts.error;
  const options = (contacts.data?.items ?? []).map((c) => {
    const number = formatPhone(c.phone_number);
    const name = personName(c);
    return { value: c.id, label: name === number ? number : `${name} · ${number}` };
  });
  return (
    <Stack gap="sm">
      <Select
        label="Contact"
        placeholder="Search by name or number"
        searchable
        data={options}
        // The server has searched already.
        filter={({ options: found }) => found}
        searchValue={text}
        onSearchChange={setText}
        value={contactId}
        onChange={setContactId}
        nothingFoundMessage={contacts.isFetching ? 'Searching…' : 'No contact matches'}
        error={failure ? toProblem(failure).message : undefined}
      />
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

function Details({ slot }: { slot: Slot }) {
  const zone = useZone();
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
      {slot.available && slot.taken < slot.capacity && (
        <section className={classes.part}>
          <Title order={3} mb="xs">
            Book for a contact
          </Title>
          <Book key={slot.id} slot={slot} />
        </section>
      )}
      {!slot.available && slot.taken < slot.capacity && (
        <Text size="sm" c="dimmed">
          This time can’t be booked now: it has passed, is too close, or the provider is busy.
        </Text>
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
      {slot && <Details slot={slot} />}
    </Drawer>
  );
}
