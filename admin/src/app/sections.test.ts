import { expect, it } from 'vitest';
import type { Me } from '@/api/types';
import { closedTo, firstPageFor, isAt, SECTIONS, sectionsFor } from './sections';

const somebody = (permissions: Me['permissions'], superuser = false, member = true) =>
  ({ permissions, user: { superuser, role: member ? 'operator' : null } }) as Pick<Me, 'permissions' | 'user'>;

const links = (me: ReturnType<typeof somebody>) => sectionsFor(me).flatMap((section) => section.links);

it('lists what somebody may open, and no empty group', () => {
  const me = somebody(['contacts.read', 'reports.read']);
  expect(sectionsFor(me).map((section) => section.title)).toEqual(['Front desk', 'People']);
  expect(links(me).map((link) => link.to)).toEqual(['/reports', '/contacts', '/segments']);
});

it('keeps the installation for its superusers', () => {
  expect(links(somebody([]))).toEqual([]);
  expect(links(somebody([], true)).map((link) => link.to)).toEqual(['/organizations']);
});

it('keeps the team’s messages for its members', () => {
  expect(links(somebody(['team.write'])).map((link) => link.to)).toEqual(['/reports', '/team']);
  expect(links(somebody(['team.write'], false, false)).map((link) => link.to)).toEqual(['/reports']);
});

it('knows the pages that are closed, with what lies below them', () => {
  const me = somebody(['conversations.read']);
  expect(closedTo(me, '/contacts/42')?.label).toBe('Contacts');
  expect(closedTo(me, '/')?.to).toBe('/');
  expect(closedTo(me, '/conversations')).toBeUndefined();
  expect(closedTo(me, '/account')).toBeUndefined();
  expect(isAt('/organization', '/organizations')).toBe(false);
});

it('begins with the first page that is open', () => {
  expect(firstPageFor(somebody(['booking.read']))).toBe('/appointments');
  expect(firstPageFor(somebody([]))).toBe('/account');
});

it('gives every page an icon and a name of its own', () => {
  const all = SECTIONS.flatMap((section) => section.links);
  expect(new Set(all.map((link) => link.icon)).size).toBe(all.length);
  expect(new Set(all.map((link) => link.label)).size).toBe(all.length);
});
