import { expect, it } from 'vitest';
import { serviceFacts } from './facts';

it('says of a service what matters', () => {
  const haircut = {
    duration_minutes: 30,
    buffer_minutes: 0,
    capacity: 1,
    hold_minutes: null,
    kind: 'appointment' as const,
  };
  expect(serviceFacts(haircut)).toBe('30 minutes');
  expect(serviceFacts({ ...haircut, buffer_minutes: 10 })).toBe('30 minutes, 10 minutes break');
  expect(serviceFacts({ ...haircut, kind: 'activity', capacity: 8, hold_minutes: 1 })).toBe(
    '30 minutes, 8 places, held 1 minute',
  );
});
