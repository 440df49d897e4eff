import { describe, expect, it } from 'vitest';
import {
  addDays,
  dayHeading,
  dayKey,
  formatDateTime,
  formatRange,
  formatRelative,
  formatTime,
  instantOf,
  isDay,
  mondayOf,
  wallClockString,
  weekLabel,
  weekRange,
  zoneName,
} from './time';

const LA = 'America/Los_Angeles';
const BERLIN = 'Europe/Berlin';
const at = (year: number, month: number, day: number, hour = 0, minute = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second: 0,
});
const hours = ({ from, to }: { from: string; to: string }) => (Date.parse(to) - Date.parse(from)) / 3_600_000;

describe('times in the organization’s zone', () => {
  it('shows the zone’s wall clock, with a plain space before PM', () => {
    expect(formatTime('2026-11-24T22:00:00Z', LA)).toBe('2:00 PM');
    expect(formatTime('2026-07-24T22:00:00Z', LA)).toBe('3:00 PM');
    expect(formatTime('2026-11-24T08:00:00Z', LA)).toBe('12:00 AM');
  });

  it('keeps the hour apart on both sides of a clock change', () => {
    // Sunday 1 November 2026, 2:00 AM PDT becomes 1:00 AM PST.
    expect(formatTime('2026-11-01T08:30:00Z', LA)).toBe('1:30 AM');
    expect(formatTime('2026-11-01T09:30:00Z', LA)).toBe('1:30 AM');
    expect(formatRange('2026-03-08T09:30:00Z', '2026-03-08T10:30:00Z', LA)).toBe('1:30 AM – 3:30 AM');
  });

  it('puts a late evening on the zone’s day, not on UTC’s', () => {
    expect(dayKey('2026-11-25T03:00:00Z', LA)).toBe('2026-11-24');
    expect(wallClockString('2026-11-25T03:05:00Z', LA)).toBe('2026-11-24 19:05:00');
  });

  it('names the year only when it is another one', () => {
    const now = Date.parse('2026-11-20T12:00:00Z');
    expect(formatDateTime('2026-11-24T22:00:00Z', LA, now)).toBe('Tue, Nov 24, 2:00 PM');
    expect(formatDateTime('2027-01-04T22:00:00Z', LA, now)).toBe('Mon, Jan 4, 2027, 2:00 PM');
    // Still 2026 in Los Angeles.
    expect(formatDateTime('2027-01-01T07:00:00Z', LA, now)).toBe('Thu, Dec 31, 11:00 PM');
  });

  it('says which offset is meant', () => {
    expect(zoneName(LA, Date.parse('2026-11-24T22:00:00Z'))).toBe('PST');
    expect(zoneName(LA, Date.parse('2026-07-24T22:00:00Z'))).toBe('PDT');
  });

  it('survives a broken time', () => {
    expect(formatTime('soon', LA)).toBe('—');
    expect(formatRelative('soon', 0)).toBe('—');
  });
});

describe('from a wall clock to an instant', () => {
  it('goes both ways', () => {
    expect(instantOf(at(2026, 11, 24, 14), LA).toISOString()).toBe('2026-11-24T22:00:00.000Z');
    expect(instantOf(at(2026, 7, 24, 14), LA).toISOString()).toBe('2026-07-24T21:00:00.000Z');
    expect(instantOf(at(2026, 7, 24, 14), 'Asia/Kathmandu').toISOString()).toBe('2026-07-24T08:15:00.000Z');
  });

  it('takes the earlier of two in autumn', () => {
    expect(instantOf(at(2026, 11, 1, 1, 30), LA).toISOString()).toBe('2026-11-01T08:30:00.000Z');
    expect(instantOf(at(2026, 10, 25, 2, 30), BERLIN).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });

  it('moves past the gap in spring', () => {
    expect(instantOf(at(2026, 3, 8, 2, 30), LA).toISOString()).toBe('2026-03-08T10:30:00.000Z');
  });

  it('starts a day that has no midnight', () => {
    // Chile springs forward at midnight: 6 September 2026 begins at 1:00.
    expect(instantOf(at(2026, 9, 6), 'America/Santiago').toISOString()).toBe('2026-09-06T04:00:00.000Z');
  });
});

describe('weeks', () => {
  it('starts on Monday, Sundays included', () => {
    expect(mondayOf('2026-11-25')).toBe('2026-11-23');
    expect(mondayOf('2026-11-29')).toBe('2026-11-23');
    expect(mondayOf('2026-11-23')).toBe('2026-11-23');
    expect(mondayOf('2027-01-01')).toBe('2026-12-28');
  });

  it('is 168 hours long, 167 in spring and 169 in autumn', () => {
    expect(weekRange('2026-11-23', LA)).toEqual({ from: '2026-11-23T08:00:00Z', to: '2026-11-30T08:00:00Z' });
    expect(hours(weekRange('2026-11-23', LA))).toBe(168);
    expect(hours(weekRange('2026-03-02', LA))).toBe(167);
    expect(hours(weekRange('2026-10-26', LA))).toBe(169);
    expect(hours(weekRange('2026-03-23', BERLIN))).toBe(167);
    expect(weekRange('2026-10-26', LA)).toEqual({ from: '2026-10-26T07:00:00Z', to: '2026-11-02T08:00:00Z' });
  });

  it('follows on from the week before, whatever the clocks do', () => {
    let monday = '2026-01-05';
    for (let i = 0; i < 52; i += 1) {
      const next = addDays(monday, 7);
      expect(weekRange(next, LA).from).toBe(weekRange(monday, LA).to);
      monday = next;
    }
  });

  it('reads well', () => {
    expect(weekLabel('2026-11-23')).toBe('Nov 23 – 29, 2026');
    expect(weekLabel('2026-11-30')).toBe('Nov 30 – Dec 6, 2026');
    expect(weekLabel('2026-12-28')).toBe('Dec 28, 2026 – Jan 3, 2027');
  });

  it('knows a day from other text', () => {
    expect(isDay('2026-02-28')).toBe(true);
    expect(isDay('2026-02-30')).toBe(false);
    expect(isDay('2026-2-3')).toBe(false);
    expect(isDay(20260203)).toBe(false);
  });
});

describe('words for days and distances', () => {
  it('names near days', () => {
    expect(dayHeading('2026-11-24', '2026-11-24')).toBe('Today');
    expect(dayHeading('2026-12-01', '2026-11-30')).toBe('Tomorrow');
    expect(dayHeading('2026-11-23', '2026-11-24')).toBe('Yesterday');
    expect(dayHeading('2026-11-27', '2026-11-24')).toBe('Friday, November 27');
    expect(dayHeading('2027-01-04', '2026-11-24')).toBe('Monday, January 4, 2027');
  });

  it('counts in sensible units', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(formatRelative('2026-11-24T11:59:40Z', now)).toBe('just now');
    expect(formatRelative('2026-11-24T11:55:00Z', now)).toBe('5 min. ago');
    expect(formatRelative('2026-11-24T09:00:00Z', now)).toBe('3 hr. ago');
    expect(formatRelative('2026-11-23T12:00:00Z', now)).toBe('yesterday');
    expect(formatRelative('2026-11-24T14:00:00Z', now)).toBe('in 2 hr.');
  });
});
