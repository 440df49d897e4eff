import { expect, test } from 'vitest';
import { capLabel, capProblem } from './cap';

test('a cap is said in words', () => {
  expect(capLabel({ texts: 4, days: 30 })).toBe('At most 4 marketing texts in 30 days.');
  expect(capLabel({ texts: 1, days: 1 })).toBe('At most 1 marketing text in 1 day.');
  expect(capLabel({ texts: 0, days: 7 })).toBe('No cap of your own.');
});

test('only whole numbers within their bounds are saved', () => {
  expect([0, 100, 7].map((value) => capProblem(value, 0, 100))).toEqual([null, null, null]);
  for (const value of [-1, 101, 1.5, Number.NaN, '', '7']) {
    expect(capProblem(value, 0, 100)).toBe('A whole number from 0 to 100.');
  }
});
