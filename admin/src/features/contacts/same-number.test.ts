import { expect, test } from 'vitest';
import { sameNumber } from './same-number';

test('a number may be typed as it is shown', () => {
  for (const typed of ['+14155550101', '1 415 555 0101', '+1 (415) 555-0101'])
    expect(sameNumber(typed, '+14155550101')).toBe(true);
});

test('nothing, part of it or another number is not the number', () => {
  for (const typed of ['', '+', '4155550101', '+14155550102']) expect(sameNumber(typed, '+14155550101')).toBe(false);
});
