import { expect, it } from 'vitest';
import { courseOf } from './course';

type Row = { version?: number | null; name: string; seen?: string };

const course = (opened: Row | undefined, live: Row | undefined, typed: string) =>
  courseOf(opened, live, { name: typed }, (row) => ({ name: row?.name ?? '' }));
const row = (version: number, name: string): Row => ({ version, name });

it('stays with what was opened while nothing newer is known', () => {
  expect(course(row(3, 'Ana'), row(3, 'Ana'), 'Anna')).toBe('stay');
  // Saved just now, and the page behind has not asked again yet.
  expect(course(row(4, 'Anna'), row(3, 'Ana'), 'Anna')).toBe('stay');
  expect(course(undefined, undefined, 'Anna')).toBe('stay');
  expect(course({ version: null, name: 'Ana' }, { name: 'Ana' }, 'Ana')).toBe('stay');
});

it('saves over a newer version that changed nothing of what it shows', () => {
  expect(course(row(3, 'Ana'), { version: 4, name: 'Ana', seen: 'today' }, 'Anna')).toBe('carry');
});

it('shows the newer row where nothing was typed, or the same', () => {
  expect(course(row(3, 'Ana'), row(4, 'Anne'), 'Ana')).toBe('follow');
  expect(course(row(3, 'Ana'), row(4, 'Anne'), 'Anne')).toBe('follow');
});

it('keeps what was typed, and lets no refreshed row hide the conflict', () => {
  expect(course(row(3, 'Ana'), row(4, 'Anne'), 'Anna')).toBe('conflict');
  expect(course(row(3, 'Ana'), row(9, ''), 'Anna')).toBe('conflict');
});
