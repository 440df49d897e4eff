import { describe, expect, it } from 'vitest';
import { deadline } from './deadline';

const LA = 'America/Los_Angeles';

describe('how long is left to decide', () => {
  const due = '2026-11-25T01:00:00Z'; // Tuesday, 5 PM in Los Angeles
  const at = (now: string) => deadline(due, Date.parse(now), LA);

  it('counts by the calendar of the zone, not by hours', () => {
    expect(at('2026-11-24T08:30:00Z')).toEqual({ words: 'due today', tone: 'bad' });
    // 40 minutes earlier it is still Monday there.
    expect(at('2026-11-24T07:50:00Z')).toEqual({ words: 'due tomorrow', tone: 'bad' });
    expect(at('2026-11-22T20:00:00Z')).toEqual({ words: 'due in 2 days', tone: 'bad' });
    expect(at('2026-11-21T20:00:00Z')).toEqual({ words: 'due in 3 days', tone: 'warn' });
    expect(at('2026-11-11T20:00:00Z')).toEqual({ words: 'due in 13 days', tone: 'neutral' });
  });

  it('is not fooled by the night the clocks change', () => {
    const overChange = deadline('2026-11-03T01:00:00Z', Date.parse('2026-10-30T23:30:00Z'), LA);
    expect(overChange.words).toBe('due in 3 days');
  });

  it('says overdue from the moment itself', () => {
    expect(at(due)).toEqual({ words: 'overdue', tone: 'bad' });
    expect(at('2026-12-25T00:00:00Z').words).toBe('overdue');
  });

  it('does not invent a date', () => {
    expect(deadline('soon', 0, LA)).toEqual({ words: 'no due date', tone: 'neutral' });
  });
});
