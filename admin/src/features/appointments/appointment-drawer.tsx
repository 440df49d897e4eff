import { Button, Drawer, Group, Stack, Text, Textarea, Timeline, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { bookingsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { AppointmentDetail, BookingEvent } from '@/api/types';
import { CancelAppointment } from '@/components/appointments';
import { AppointmentStatusBadge } from '@/components/badges';
import { AnchorLink, ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { useNow } from '@/components/relative-time';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';
import { claimsTime } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { formatDateTime, formatRange } from '@/lib/time';
import { eventLabel } from './history';

function Actions({ appointment }: { appointment: AppointmentDetail }) {
  const client = useQueryClient();
  const begun = Date.parse(appointment.start_time) <= useNow();
  const outcome = (title: string) => ({
    onSuccess: async () => {
      notifyDone(title);
      await bookingsChanged(client);
    },
    onError: async (error: unknown) => {
      notifyProblem('That didn’t work', toProblem(error));
      await bookingsChanged(client);
    },
  });
  const confirm = api.useMutation('post', '/api/appointments/{id}/confirm', outcome('Confirmed'));
  const complete = api.useMutation('post', '/api/appointments/{id}/complete', outcome('Completed'));
  const noShow = api.useMutation('post', '/api/appointments/{id}/no-show', outcome('Marked as no-show'));
  const reopen = api.useMutation('post', '/api/appointments/{id}/reopen', outcome('Taken back'));
  const at = { params: { path: { id: appointment.id } } };
  const { status } = appointment;
  return (
    <Group gap="sm">
      {status === 'held' && (
        <Button size="xs" loading={confirm.isPending} onClick={() => confirm.mutate(at)}>
          Confirm
        </Button>
      )}
      {status === 'confirmed' && begun && (
        <>
          <Button size="xs" loading={complete.isPending} onClick={() => complete.mutate(at)}>
            Completed
          </Button>
          <Button size="xs" variant="default" loading={noShow.isPending} onClick={() => noShow.mutate(at)}>
            No-show
          </Button>
        </>
      )}
      {(status === 'completed' || status === 'no_show') && (
        <Button size="xs" variant="default" loading={reopen.isPending} onClick={() => reopen.mutate(at)}>
          Take back
        </Button>
      )}
      {claimsTime(status) && (
        <ButtonLink to="/appointments" search={{ move: appointment.id }} size="xs" variant="default">
          Another time
        </ButtonLink>
      )}
      <CancelAppointment appointment={appointment} />
    </Group>
  );
}

type Noted = Pick<AppointmentDetail, 'id' | 'version' | 'note'>;

const noteOf = (appointment: Noted) => ({ note: appointment.note ?? '' });

function Note({ live }: { live: Noted }) {
  const client = useQueryClient();
  const writes = useMay('booking.write');
  const { form, row: appointment, newer, goOn } = useRowForm(live, noteOf);
  const { note } = form.values;
  const save = api.useMutation('patch', '/api/appointments/{id}', {
    onSuccess: async (saved) => {
      goOn(saved);
      notifyDone('Note saved');
      await bookingsChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t save the note', toProblem(error)),
  });
  return (
    <Stack gap="xs">
      {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
      <Textarea
        label="Note"
        description="For staff only. It is never sent."
        autosize
        minRows={2}
        maxLength={2000}
        readOnly={!writes}
        {...form.getInputProps('note')}
      />
      {writes && note.trim() !== (appointment.note ?? '') && (
        <Group justify="flex-end">
          <Button
            size="xs"
            loading={save.isPending}
            onClick={() =>
              save.mutate({
                params: { path: { id: appointment.id }, header: { 'If-Match': `"${appointment.version}"` } },
                body: { note: note.trim() || null },
              })
            }
          >
            Save note
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Where({ event }: { event: BookingEvent }) {
  const zone = useZone();
  const text = (slot: BookingEvent['from']) =>
    slot ? `${formatDateTime(slot.start_time, zone)}, ${slot.service_name} with ${slot.provider_name}` : null;
  const [from, to] = [text(event.from), text(event.to)];
  if (!from && !to) return null;
  return (
    <Text size="sm" c="dimmed">
      {from && to ? `${from} → ${to}` : (to ?? from)}
    </Text>
  );
}

function Detail({ appointment }: { appointment: AppointmentDetail }) {
  const zone = useZone();
  const books = useMay('booking.write');
  return (
    <Stack gap="lg">
      <div>
        <Group gap="sm">
          <AnchorLink fw={600} to="/contacts/$contactId" params={{ contactId: appointment.contact_id }}>
            {personName(appointment.contact)}
          </AnchorLink>
          <AppointmentStatusBadge value={appointment.status} />
        </Group>
        <Text size="sm">
          {appointment.service_name} with {appointment.provider_name},{' '}
          {formatRange(appointment.start_time, appointment.end_time, zone)}
        </Text>
        {appointment.status === 'held' && appointment.held_until && (
          <Text size="sm" c="dimmed">
            Held until {formatDateTime(appointment.held_until, zone)}
          </Text>
        )}
      </div>
      {books && <Actions appointment={appointment} />}
      <Note live={appointment} />
      <section>
        <Title order={3} mb="sm">
          History
        </Title>
        <Timeline bulletSize={14} lineWidth={2} active={appointment.history.length}>
          {appointment.history.map((event) => (
            <Timeline.Item key={event.id} title={eventLabel(event)} data-testid="booking-event">
              <Where event={event} />
              <Text size="xs" c="dimmed">
                {formatDateTime(event.at, zone)}
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      </section>
    </Stack>
  );
}

export function AppointmentDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const zone = useZone();
  const query = api.useQuery(
    'get',
    '/api/appointments/{id}',
    { params: { path: { id: id ?? '' } } },
    { enabled: id !== undefined },
  );
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={query.data ? formatDateTime(query.data.start_time, zone) : 'Appointment'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {query.error && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      {query.isLoading && <SkeletonRows rows={5} />}
      {id && query.data && <Detail key={query.data.id} appointment={query.data} />}
    </Drawer>
  );
}
