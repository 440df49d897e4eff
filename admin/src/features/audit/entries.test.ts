import { expect, it } from 'vitest';
import { actionWords, differences, exportHref, filtersOf } from './entries';
import { auditSearch } from './search';

const zone = 'America/New_York';

it('turns days of the organization into moments, the last day included', () => {
  const filters = filtersOf({ from: '2026-11-01', to: '2026-11-01' }, zone);
  // The day the clocks go back has 25 hours.
  expect(filters).toMatchObject({ from: '2026-11-01T04:00:00.000Z', to: '2026-11-02T05:00:00.000Z' });
});

it('leads to a file with the same filters', () => {
  expect(exportHref({}, zone)).toBe('/api/audit/export');
  expect(exportHref({ q: 'role & key', actor: 'user' }, zone)).toBe('/api/audit/export?q=role+%26+key&actor_kind=user');
});

it('drops what is no filter', () => {
  expect(auditSearch({ actor: 'robot', from: 'yesterday', kind: '', q: 7 })).toEqual({ q: '7' });
});

it('says what was done in words', () => {
  expect(actionWords('contact.updated')).toBe('Updated contact');
  expect(actionWords('api_key.created')).toBe('Created API key');
  expect(actionWords('user.signed_in')).toBe('User: signed in');
  expect(actionWords('webhook_endpoint.secret_rotated')).toBe('Webhook endpoint: secret rotated');
});

it('shows a change field by field, without noise', () => {
  expect(
    differences({ role: 'viewer', version: 1, disabled: false }, { role: 'operator', version: 2, disabled: true }),
  ).toEqual([
    { field: 'Role', before: 'viewer', after: 'operator' },
    { field: 'Disabled', before: 'no', after: 'yes' },
  ]);
  expect(differences(null, { permissions: ['a', 'b'], note: null })).toEqual([
    { field: 'Permissions', before: undefined, after: 'a, b' },
    { field: 'Note', before: undefined, after: 'none' },
  ]);
  expect(differences(null, null)).toEqual([]);
});
