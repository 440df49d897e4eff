import { describe, expect, it } from 'vitest';
import { slotsSearch } from './search';
import { hasWeekend, instantOfInputs, slotsByDay, visibleHours } from './week';

const LA = 'America/Los_Angeles';
const slot = (start_time: string, end_time: string) => ({ start_time, end_time });

describe('the week view', () => {
  it('shows the hours the slots need', () => {
    const slots = [
      slot('2026-11-23T17:00:00Z', '2026-11-23T17:30:00Z'),
      slot('2026-11-24T00:30:00Z', '2026-11-24T01:15:00Z'),
    ];
    expect(visibleHours(slots, LA)).toEqual({ start: '09:00:00', end: '18:00:00' });
    expect(visibleHours([], LA)).toEqual({ start: '08:00:00', end: '18:00:00' });
  });

  it('keeps the same hours when the clocks change within the week', () => {
    // 9:00 on Friday 6 March (PST) and on Monday 9 March (PDT).
    const before = visibleHours([slot('2026-03-06T17:00:00Z', '2026-03-06T21:00:00Z')], LA);
    const after = visibleHours([slot('2026-03-09T16:00:00Z', '2026-03-09T20:00:00Z')], LA);
    expect(before).toEqual(after);
  });

  it('reaches midnight for a slot that crosses it', () => {
    expect(visibleHours([slot('2026-11-24T06:00:00Z', '2026-11-24T08:30:00Z')], LA)).toEqual({
      start: '22:00:00',
      end: '23:59:59',
    });
  });

  it('leaves the weekend out when nothing is on', () => {
    expect(hasWeekend([slot('2026-11-27T20:00:00Z', '2026-11-27T21:00:00Z')], '2026-11-23', LA)).toBe(false);
    // Saturday evening in Los Angeles is Sunday in UTC.
    expect(hasWeekend([slot('2026-11-29T04:00:00Z', '2026-11-29T05:00:00Z')], '2026-11-23', LA)).toBe(true);
  });

  it('puts every slot on its day', () => {
    const days = slotsByDay([slot('2026-11-24T07:30:00Z', '2026-11-24T08:00:00Z')], '2026-11-23', LA);
    expect(days).toHaveLength(7);
    expect(days[0]).toMatchObject({ day: '2026-11-23', slots: [{ start_time: '2026-11-24T07:30:00Z' }] });
  });
});

it('reads the address', () => {
  expect(slotsSearch({ week: '2026-11-26', show: 'free', provider: '' })).toEqual({ week: '2026-11-23', show: 'free' });
  expect(slotsSearch({ week: 'next', show: 'odd' })).toEqual({});
});

it('reads a day and a time on the zone’s clock', () => {
  expect(instantOfInputs('2026-11-24', '09:00', LA)).toBe('2026-11-24T17:00:00Z');
  expect(instantOfInputs('2026-07-01', '09:00', LA)).toBe('2026-07-01T16:00:00Z');
  expect(instantOfInputs('', '09:00', LA)).toBeNull();
  expect(instantOfInputs('2026-11-24', '', LA)).toBeNull();
});
