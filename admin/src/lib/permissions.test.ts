import { expect, it } from 'vitest';
import { grouped, groupTitle } from './permissions';

it('puts permissions of one area together, in the order they came', () => {
  const names = ['contacts.read', 'booking.read', 'contacts.write', 'catalog.write', 'api_keys.manage'];
  expect(grouped(names.map((permission) => ({ permission })))).toEqual([
    { title: 'Contacts', items: [{ permission: 'contacts.read' }, { permission: 'contacts.write' }] },
    { title: 'Calendar', items: [{ permission: 'booking.read' }, { permission: 'catalog.write' }] },
    { title: 'API keys', items: [{ permission: 'api_keys.manage' }] },
  ]);
});

it('names an area it has not heard of by itself', () => {
  expect(groupTitle('loyalty_points.read')).toBe('Loyalty points');
});
