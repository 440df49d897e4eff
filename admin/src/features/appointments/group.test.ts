import { expect, it } from 'vitest';
import { groupByDay } from './group';

const LA = 'America/Los_Angeles';
const at = (start_time: string) => ({ start_time });

it('groups by the zone’s day, soonest first ahead and latest first behind', () => {
  const list = [at('2026-11-25T18:00:00Z'), at('2026-11-25T03:00:00Z'), at('2026-11-24T18:00:00Z')];
  expect(groupByDay(list, LA, 'upcoming').map((g) => [g.day, g.appointments.length])).toEqual([
    ['2026-11-24', 2],
    ['2026-11-25', 1],
  ]);
  expect(groupByDay(list, LA, 'past')[0]?.day).toBe('2026-11-25');
  expect(groupByDay([], LA, 'past')).toEqual([]);
});
