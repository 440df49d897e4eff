import { expect, it } from 'vitest';
import { expiresAt } from './expiry';

it('counts days from now, or says never', () => {
  const now = Date.parse('2026-11-21T15:00:00Z');
  expect(expiresAt('30', now)).toBe('2026-12-21T15:00:00.000Z');
  expect(expiresAt('never', now)).toBeNull();
});
