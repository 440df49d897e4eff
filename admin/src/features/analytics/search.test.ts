import { expect, it } from 'vitest';
import { analyticsSearch, csvAddress, lengthOf, periodOf, piecesFor } from './search';

const TODAY = '2026-11-21';

it('keeps in the address what is a period, and nothing else', () => {
  expect(analyticsSearch({})).toEqual({});
  expect(analyticsSearch({ days: 30 })).toEqual({});
  expect(analyticsSearch({ days: 90, by: 'week' })).toEqual({ days: 90, by: 'week' });
  expect(analyticsSearch({ days: 8, by: 'year' })).toEqual({});
  expect(analyticsSearch({ from: '2026-11-01', to: '2026-11-03', days: 7 })).toEqual({
    from: '2026-11-01',
    to: '2026-11-03',
  });
  expect(analyticsSearch({ from: '2026-11-03', to: '2026-11-01' })).toEqual({});
  expect(analyticsSearch({ from: '2026-11-31', to: '2026-12-01' })).toEqual({});
  expect(analyticsSearch({ from: '2020-01-01', to: '2026-12-01' }), 'more than 400 days').toEqual({});
});

it('counts days over the change of clocks', () => {
  expect(lengthOf('2026-10-31', '2026-11-02')).toBe(3);
  expect(lengthOf('2026-01-01', '2027-02-04')).toBe(400);
  expect(lengthOf('2026-01-01', '2027-02-05')).toBeUndefined();
});

it('cuts a period as finely as it can be looked at', () => {
  expect(periodOf({}, TODAY)).toMatchObject({ from: '2026-10-23', to: TODAY, by: 'day', days: 30 });
  expect(periodOf({ from: TODAY, to: TODAY }, TODAY).by).toBe('hour');
  expect(periodOf({ from: '2026-01-01', to: TODAY }, TODAY).by).toBe('week');
  expect(periodOf({ days: 90, by: 'hour' }, TODAY).by, 'too many hours').toBe('day');
  expect(piecesFor(31)).toContain('hour');
  expect(piecesFor(32)).not.toContain('hour');
});

it('asks for the last days without saying which they are', () => {
  expect(csvAddress(periodOf({ days: 7 }, TODAY))).toBe('/api/analytics/dashboard.csv?days=7&by=day');
  expect(csvAddress(periodOf({ from: '2026-11-01', to: '2026-11-02', by: 'day' }, TODAY))).toBe(
    '/api/analytics/dashboard.csv?from=2026-11-01&to=2026-11-02&by=day',
  );
});
