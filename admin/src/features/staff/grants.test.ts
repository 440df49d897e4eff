import { expect, it } from 'vitest';
import type { Role } from '@/api/types';
import { grantable, ifMatch, joinLink, roleChoices } from './grants';

const role = (id: string, permissions: Role['permissions']): Role => ({
  id,
  name: id.toUpperCase(),
  permissions,
  built_in: false,
  members: 0,
});

it('offers only roles that grant no more than one has', () => {
  const me = { permissions: ['contacts.read', 'users.manage'] as Role['permissions'] };
  const small = role('small', ['contacts.read']);
  const big = role('big', ['contacts.read', 'audit.read']);
  expect(grantable(small, me)).toBe(true);
  expect(grantable(big, me)).toBe(false);
  expect(roleChoices([small, big], me).map((c) => c.disabled)).toEqual([false, true]);
  expect(roleChoices([small, big], me, 'big').map((c) => c.disabled)).toEqual([false, false]);
});

it('says on which version a change was made', () => {
  expect(ifMatch(3)).toEqual({ 'If-Match': '"3"' });
  expect(ifMatch(null)).toEqual({});
});

it('completes a link that is only a path', () => {
  expect(joinLink('/admin/join/abc', 'https://desk.example.com')).toBe('https://desk.example.com/admin/join/abc');
  expect(joinLink('https://x.example.com/admin/join/abc', 'http://localhost')).toBe(
    'https://x.example.com/admin/join/abc',
  );
});
