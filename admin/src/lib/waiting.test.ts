import { expect, it } from 'vitest';
import { countedTitle, newIds, newlyWaiting } from './waiting';

const maya = { id: 'c1', waiting_since: '2026-11-24T20:00:00Z' };
const sam = { id: 'c2', waiting_since: '2026-11-24T20:01:00Z' };

it('announces nobody who waited before the first look', () => {
  const first = newlyWaiting(null, [maya]);
  expect(first.fresh).toEqual([]);
  expect(newlyWaiting(first.seen, [maya, sam]).fresh).toEqual([sam]);
});

it('announces each wait once, and the same person again after being attended to', () => {
  const seen = newlyWaiting(null, []).seen;
  const first = newlyWaiting(seen, [maya]);
  expect(first.fresh).toEqual([maya]);
  expect(newlyWaiting(first.seen, [maya]).fresh).toEqual([]);
  const again = { ...maya, waiting_since: '2026-11-24T21:00:00Z' };
  expect(newlyWaiting(first.seen, [again]).fresh).toEqual([again]);
  const nobody = newlyWaiting(first.seen, []);
  expect(newlyWaiting(nobody.seen, [maya]).fresh).toEqual([maya]);
});

it('learns nothing from an answer that has not come', () => {
  expect(newlyWaiting(null, undefined)).toEqual({ seen: null, fresh: [] });
  const { seen } = newlyWaiting(null, [maya]);
  expect(newlyWaiting(seen, undefined)).toEqual({ seen, fresh: [] });
});

it('puts the count before the title', () => {
  expect(countedTitle('Conversations · Frontdesk', 2)).toBe('(2) Conversations · Frontdesk');
  expect(countedTitle('Conversations · Frontdesk', 0)).toBe('Conversations · Frontdesk');
});

it('what was there at the first look is not new, and nothing is new twice', () => {
  const first = newIds(null, [{ id: 'a' }]);
  expect(first.fresh).toEqual([]);
  const second = newIds(first.seen, [{ id: 'a' }, { id: 'b' }]);
  expect(second.fresh).toEqual([{ id: 'b' }]);
  expect(newIds(newIds(second.seen, []).seen, [{ id: 'b' }]).fresh).toEqual([]);
});
