import { expect, it } from 'vitest';
import { money } from './money';

it('shows parts of a cent, and currencies it does not know as they came', () => {
  expect(money(0.0079, 'USD')).toBe('$0.0079');
  expect(money(12.5, 'EUR')).toBe('€12.50');
  expect(money(0.01, 'usd credits')).toBe('0.01 usd credits');
  expect(money(0.01, '')).toBe('0.01');
});
