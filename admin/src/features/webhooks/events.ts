import type { WebhookEventType } from '@/api/types';

/** What an endpoint can be told of, in groups. Names that nothing sends yet, and the ping, are not offered. */
export const GROUPS: readonly { label: string; events: readonly { value: WebhookEventType; label: string }[] }[] = [
  {
    label: 'Messages',
    events: [
      { value: 'message.received', label: 'A text came in' },
      { value: 'message.status', label: 'A text of yours was sent, delivered or failed' },
    ],
  },
  {
    label: 'Bookings',
    events: [
      { value: 'booking.created', label: 'Booked or held' },
      { value: 'booking.confirmed', label: 'Confirmed' },
      { value: 'booking.rescheduled', label: 'Moved' },
      { value: 'booking.cancelled', label: 'Cancelled' },
      { value: 'booking.completed', label: 'Completed' },
      { value: 'booking.no_show', label: 'Nobody came' },
      { value: 'booking.expired', label: 'The hold ran out' },
    ],
  },
  {
    label: 'Contacts',
    events: [
      { value: 'contact.opted_out', label: 'Opted out' },
      { value: 'contact.opted_in', label: 'Opted in again' },
    ],
  },
];

/** What an endpoint is told of, in a few words. */
export function eventsSentence(events: readonly string[] | null | undefined): string {
  if (!events) return 'All events';
  return events.length <= 3 ? events.join(', ') : `${events.length} kinds of events`;
}

/** Why an address cannot be one, before the server says it. */
export function urlProblem(text: string): string | null {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol)) return 'Enter an address that begins with https://';
  if (url.username || url.password) return 'Leave the user name and password out of the address.';
  return null;
}

/** How a receiver checks that a delivery is ours. */
export const SNIPPET = `import { createHmac, timingSafeEqual } from 'node:crypto';

// body: the request's bytes as they came, before any parsing.
export function isFromFrontdesk(secret, headers, body) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const ours = createHmac('sha256', key).update(\`\${id}.\${timestamp}.\${body}\`).digest();
  return headers['webhook-signature'].split(' ').some((one) => {
    const [version, signature] = one.split(',');
    const theirs = Buffer.from(signature ?? '', 'base64');
    return version === 'v1' && theirs.length === ours.length && timingSafeEqual(theirs, ours);
  });
}`;
