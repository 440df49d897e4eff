import { expect, test } from 'vitest';
import { exportAddress } from './search';

test('what is shown is what goes out', () => {
  expect(exportAddress({})).toBe('/api/contacts/export');
  expect(exportAddress({ q: 'Ana & co', consent: 'opted_in', stage: 'customer', tag: 'vip', shown: 'archived' })).toBe(
    '/api/contacts/export?q=Ana+%26+co&opt_in_status=opted_in&lifecycle_stage=customer&tag=vip&archived=true',
  );
});
