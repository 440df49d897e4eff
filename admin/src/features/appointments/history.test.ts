import { expect, it } from 'vitest';
import { eventLabel } from './history';

it('says who did what', () => {
  expect(eventLabel({ kind: 'booked', actor: 'contact', actor_name: null })).toBe('Booked by the contact');
  expect(eventLabel({ kind: 'rescheduled', actor: 'staff', actor_name: 'Dana' })).toBe('Moved by Dana');
  expect(eventLabel({ kind: 'expired', actor: 'system', actor_name: null })).toBe('Not confirmed in time by Frontdesk');
});
