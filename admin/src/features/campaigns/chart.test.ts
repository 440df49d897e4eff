import { expect, it } from 'vitest';
import { places } from './chart';

const point = (at: string) => ({ at, texted: 1, replied: 0, clicked: 0, booked: 0, opted_out: 0 });

it('bars stand by their time, so that quiet hours are gaps', () => {
  const bars = places(
    [point('2026-11-21T14:00:00Z'), point('2026-11-21T15:00:00Z'), point('2026-11-21T18:00:00Z')],
    'hour',
  );
  const [first, second, third] = bars.map((bar) => bar.left);
  expect(first).toBe(0);
  expect((third ?? 0) / (second ?? 1)).toBeCloseTo(4);
});

it('days are one after the other, also where one has 25 hours', () => {
  const bars = places(
    [point('2026-10-31T04:00:00Z'), point('2026-11-01T04:00:00Z'), point('2026-11-02T05:00:00Z')],
    'day',
  );
  const [, second, third] = bars.map((bar) => bar.left);
  expect((third ?? 0) / (second ?? 1)).toBeCloseTo(2);
});

it('a year of hours stays on the page', () => {
  const bars = places([point('2026-01-01T00:00:00Z'), point('2026-12-31T00:00:00Z')], 'hour');
  expect(bars[1]?.left).toBeLessThan(640);
  expect(bars[1]?.width).toBeGreaterThan(1);
});
