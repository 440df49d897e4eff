import { expect, it } from 'vitest';
import { slotLabel, slotState } from './slots';

const slot = (capacity: number, taken: number, available: boolean) => ({ capacity, taken, available });

it('tells free, partly taken, full and closed apart', () => {
  expect(slotState(slot(1, 0, true))).toBe('free');
  expect(slotState(slot(8, 3, true))).toBe('partly');
  expect(slotState(slot(1, 1, false))).toBe('full');
  expect(slotState(slot(1, 0, false))).toBe('closed');
  expect(slotState(slot(8, 3, false))).toBe('closed');
});

it('says it in words', () => {
  expect(slotLabel(slot(1, 0, true))).toBe('Free');
  expect(slotLabel(slot(8, 0, true))).toBe('Free, 8 places');
  expect(slotLabel(slot(8, 3, true))).toBe('3 of 8 taken');
  expect(slotLabel(slot(1, 1, false))).toBe('Taken');
  expect(slotLabel(slot(8, 8, false))).toBe('Full, 8 of 8');
  expect(slotLabel(slot(1, 0, false))).toBe('Closed');
});
