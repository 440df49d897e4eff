import { expect, it } from 'vitest';
import { changeOf, duration, errorWords, pieceName, pointsOf, rate, waited } from './figures';

it('says nothing of nothing', () => {
  expect(rate(null)).toBe('—');
  expect(rate(0)).toBe('0%');
  expect(waited({ responses: 0 }, null)).toBe('—');
  expect(changeOf(5, 0)).toBeUndefined();
  expect(changeOf(null, 1)).toBeUndefined();
  expect(pointsOf(0.1, null)).toBeUndefined();
});

it('tells small rates from each other', () => {
  expect(rate(0.0025)).toBe('0.25%');
  expect(rate(0.972)).toBe('97.2%');
});

it('tells waits by the bounds they are known by', () => {
  expect([10, 60, 90, 900, 3600, 28_800, 86_400].map(duration)).toEqual([
    '10 s',
    '1 min',
    '90 s',
    '15 min',
    '1 h',
    '8 h',
    '1 d',
  ]);
  expect(waited({ responses: 3 }, 120)).toBe('within 2 min');
  expect(waited({ responses: 3 }, null)).toBe('over 2 d');
});

it('compares numbers by percent and rates by points', () => {
  expect(changeOf(112, 100)).toEqual({ words: '+12%', direction: 'up' });
  expect(changeOf(50, 100)).toEqual({ words: '−50%', direction: 'down' });
  expect(changeOf(0, 100)).toEqual({ words: '−100%', direction: 'down' });
  expect(changeOf(1001, 1000)?.words, 'a change is not called none').toBe('+1%');
  expect(changeOf(3000, 100)?.words).toBe('30 times as much');
  expect(changeOf(7, 7)?.direction).toBe('same');
  expect(pointsOf(0.03, 0.025)).toEqual({ words: '+0.5 points', direction: 'up' });
  expect(pointsOf(0.9, 0.95)).toEqual({ words: '−5 points', direction: 'down' });
});

it('names hours by the clock of the business, and weeks by their first day', () => {
  const piece = { starts_at: '2026-11-01T05:00:00Z', date: '2026-11-01' };
  expect(pieceName(piece, 'hour', 'America/New_York')).toEqual({ short: '1:00 AM', long: 'Sun, Nov 1, 1:00 AM' });
  expect(pieceName(piece, 'day', 'America/New_York').short).toBe('Nov 1');
  expect(pieceName(piece, 'week', 'America/New_York').long).toBe('Week from Sunday, November 1');
});

it('has words for every error', () => {
  expect(errorWords({ code: '30003', sentence: 'Off.' })).toBe('Off.');
  expect(errorWords({ code: 'gave_up', sentence: null })).toContain('stopped trying');
  expect(errorWords({ code: '99999', sentence: null })).toContain('without a meaning');
});
