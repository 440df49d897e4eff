import { Alert, Button, Drawer, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { bookingsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { Appointment } from '@/api/types';
import { ContactSelect } from '@/components/contact-select';
import { notifyDone } from '@/components/notify';
import { ErrorState, SkeletonRows } from '@/components/states';
import { personName } from '@/lib/phone';
import { formatDateTime } from '@/lib/time';
import { SlotPicker } from './slot-picker';

type Done = { onClose: () => void };

function useDone(title: (a: Appointment) => string, onClose: () => void) {
  const client = useQueryClient();
  const zone = useZone();
  return {
    onSuccess: async (a: Appointment) => {
      notifyDone(title(a), `${personName(a.contact)}, ${a.service_name}, ${formatDateTime(a.start_time, zone)}`);
      onClose();
      await bookingsChanged(client);
    },
    // The time may be gone: look again.
    onError: () => bookingsChanged(client),
  };
}

function Failure({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {toProblem(error).message}
    </Alert>
  );
}

function BookForm({ onClose }: Done) {
  const [contact, setContact] = useState<string | null>(null);
  const [slot, setSlot] = useState<string | null>(null);
  const done = useDone((a) => (a.status === 'held' ? 'Place held' : 'Appointment booked'), onClose);
  const book = api.useMutation('post', '/api/appointments', done);
  return (
    <Stack gap="md">
      <ContactSelect value={contact} onChange={setContact} />
      <SlotPicker service={null} provider={null} value={slot} onChange={setSlot} />
      <Failure error={book.error} />
      <Button
        disabled={!contact || !slot}
        loading={book.isPending}
        onClick={() => contact && slot && book.mutate({ body: { contact_id: contact, slot_id: slot } })}
      >
        Book
      </Button>
    </Stack>
  );
}

function MoveForm({ appointment, onClose }: Done & { appointment: Appointment }) {
  const zone = useZone();
  const [slot, setSlot] = useState<string | null>(null);
  const done = useDone(() => 'Appointment moved', onClose);
  const move = api.useMutation('post', '/api/appointments/{id}/reschedule', done);
  return (
    <Stack gap="md">
      <div>
        {personName(appointment.contact)}: {appointment.service_name} with {appointment.provider_name}, now{' '}
        {formatDateTime(appointment.start_time, zone)}.
      </div>
      <SlotPicker service={appointment.service_id} provider={appointment.provider_id} value={slot} onChange={setSlot} />
      <Failure error={move.error} />
      <Button
        disabled={!slot}
        loading={move.isPending}
        onClick={() => slot && move.mutate({ params: { path: { id: appointment.id } }, body: { slot_id: slot } })}
      >
        Move to this time
      </Button>
    </Stack>
  );
}

function Move({ id, onClose }: Done & { id: string }) {
  const query = api.useQuery('get', '/api/appointments/{id}', { params: { path: { id } } });
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={4} />;
  return <MoveForm appointment={query.data} onClose={onClose} />;
}

export function BookDrawer({ opened, move, onClose }: Done & { opened: boolean; move: string | undefined }) {
  return (
    <Drawer
      opened={opened || move !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={move ? 'Another time' : 'Book an appointment'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {move ? <Move key={move} id={move} onClose={onClose} /> : opened && <BookForm onClose={onClose} />}
    </Drawer>
  );
}
