import type { BookingEvent } from '@/api/types';

const WORDS: Record<BookingEvent['kind'], string> = {
  booked: 'Booked',
  held: 'Held',
  confirmed: 'Confirmed',
  rescheduled: 'Moved',
  cancelled: 'Cancelled',
  completed: 'Completed',
  no_show: 'Did not come',
  reopened: 'Taken back',
  expired: 'Not confirmed in time',
};

const ACTORS: Record<string, string> = { contact: 'the contact', staff: 'staff', system: 'Frontdesk' };

/** "Moved by Dana" */
export function eventLabel(event: Pick<BookingEvent, 'kind' | 'actor' | 'actor_name'>): string {
  return `${WORDS[event.kind]} by ${event.actor_name ?? ACTORS[event.actor] ?? event.actor}`;
}
