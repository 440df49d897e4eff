import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '@/api/client';
import { bookingsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Appointment } from '@/api/types';
import { claimsTime } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { dayKey, formatCalendarDay, formatDateTime, formatRange } from '@/lib/time';
import classes from './appointments.module.css';
import { AppointmentStatusBadge } from './badges';
import { Confirm } from './confirm';
import { notifyDone, notifyProblem } from './notify';
import { PersonAvatar } from './person';

export function CancelAppointment({ appointment }: { appointment: Appointment }) {
  const zone = useZone();
  const client = useQueryClient();
  const may = useMay('booking.write');
  const [opened, { open, close }] = useDisclosure();
  const cancel = api.useMutation('post', '/api/appointments/{id}/cancel', {
    onSuccess: async () => {
      close();
      notifyDone('Appointment cancelled', 'The time is free again.');
      await bookingsChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t cancel the appointment', toProblem(error)),
  });
  const who = personName(appointment.contact);
  const when = formatDateTime(appointment.start_time, zone);
  if (!claimsTime(appointment.status) || !may) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={open} aria-label={`Cancel ${who}, ${when}`}>
        Cancel
      </Button>
      <Confirm
        opened={opened}
        title="Cancel this appointment?"
        confirmLabel="Cancel appointment"
        keepLabel="Keep it"
        busy={cancel.isPending}
        onClose={close}
        onConfirm={() => cancel.mutate({ params: { path: { id: appointment.id } } })}
      >
        {who}: {appointment.service_name} with {appointment.provider_name}, {when}. The time becomes free for others.
      </Confirm>
    </>
  );
}

type RowProps = {
  appointment: Appointment;
  withContact?: boolean;
  withCancel?: boolean;
  withDate?: boolean;
  /** Opens its history and note. */
  onDetails?: (id: string) => void;
};

export function AppointmentRow({
  appointment,
  withContact = false,
  withCancel = false,
  withDate = true,
  onDetails,
}: RowProps) {
  const zone = useZone();
  const day = dayKey(appointment.start_time, zone);
  return (
    <li className={classes.row} data-testid="appointment-row" data-status={appointment.status}>
      {withContact && !withDate && <PersonAvatar person={appointment.contact} size={44} />}
      {withDate && (
        <div className={classes.date} aria-hidden="true">
          <span className={classes.month}>{formatCalendarDay(day, { month: 'short' })}</span>
          <span className={classes.day}>{formatCalendarDay(day, { day: 'numeric' })}</span>
        </div>
      )}
      <div className={classes.text}>
        <div className={classes.when}>
          <time dateTime={appointment.start_time}>
            {withDate && `${formatCalendarDay(day, { weekday: 'long' })}, `}
            {formatRange(appointment.start_time, appointment.end_time, zone)}
          </time>
        </div>
        <div className={classes.what}>
          {withContact && (
            <>
              <Link to="/contacts/$contactId" params={{ contactId: appointment.contact_id }} className={classes.who}>
                {personName(appointment.contact)}
              </Link>
              {' · '}
            </>
          )}
          {appointment.service_name} with {appointment.provider_name}
        </div>
      </div>
      <div className={classes.end}>
        <AppointmentStatusBadge value={appointment.status} />
        {onDetails && (
          <Button
            size="xs"
            variant="default"
            onClick={() => onDetails(appointment.id)}
            aria-label={`Details of ${personName(appointment.contact)}, ${formatDateTime(appointment.start_time, zone)}`}
          >
            Details
          </Button>
        )}
        {withCancel && <CancelAppointment appointment={appointment} />}
      </div>
    </li>
  );
}

export function AppointmentList({
  appointments,
  label,
  ...row
}: { appointments: Appointment[]; label: string } & Omit<RowProps, 'appointment'>) {
  return (
    <ul className={classes.list} aria-label={label}>
      {appointments.map((appointment) => (
        <AppointmentRow key={appointment.id} appointment={appointment} {...row} />
      ))}
    </ul>
  );
}
