import type { Appointment } from '@/api/types';
import { dayKey } from '@/lib/time';

/** By calendar day of the zone: soonest first for what is to come, latest first for what has been. */
export function groupByDay<A extends Pick<Appointment, 'start_time'>>(
  appointments: readonly A[],
  zone: string,
  direction: 'upcoming' | 'past',
): { day: string; appointments: A[] }[] {
  const sign = direction === 'upcoming' ? 1 : -1;
  const sorted = [...appointments].sort((a, b) => sign * (Date.parse(a.start_time) - Date.parse(b.start_time)));
  const groups: { day: string; appointments: A[] }[] = [];
  for (const appointment of sorted) {
    const day = dayKey(appointment.start_time, zone);
    const last = groups.at(-1);
    if (last?.day === day) last.appointments.push(appointment);
    else groups.push({ day, appointments: [appointment] });
  }
  return groups;
}
