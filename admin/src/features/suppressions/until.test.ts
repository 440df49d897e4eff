import { expect, it } from 'vitest';
import { endOf } from './until';

it('ends with the day that was chosen, on the wall clock of the business', () => {
  expect(endOf('2026-11-30', 'America/New_York')).toBe('2026-12-01T05:00:00.000Z');
  // The night in which clocks go back.
  expect(endOf('2026-10-31', 'America/New_York')).toBe('2026-11-01T04:00:00.000Z');
  expect(endOf('2026-11-01', 'America/New_York')).toBe('2026-11-02T05:00:00.000Z');
});

it('has no end where none was chosen', () => {
  expect(endOf('', 'UTC')).toBeUndefined();
  expect(endOf('soon', 'UTC')).toBeUndefined();
});
