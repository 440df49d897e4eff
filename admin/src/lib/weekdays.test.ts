import { describe, expect, it } from 'vitest';
import { endInput, endOfHours, hoursProblem, weekdaysLabel } from './weekdays';

describe('weekly hours', () => {
  it('names days as people do', () => {
    expect(weekdaysLabel(['monday', 'tuesday', 'wednesday', 'thursday', 'friday'])).toBe('Mon – Fri');
    expect(weekdaysLabel(['sunday', 'saturday'])).toBe('Sat, Sun');
    expect(weekdaysLabel(['monday', 'wednesday', 'thursday', 'friday'])).toBe('Mon, Wed – Fri');
    expect(weekdaysLabel(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])).toBe(
      'Every day',
    );
    expect(weekdaysLabel([])).toBe('');
  });

  it('knows midnight as the end of a day', () => {
    expect([endOfHours('00:00'), endOfHours('17:00'), endInput('24:00'), endInput('17:00')]).toEqual([
      '24:00',
      '17:00',
      '00:00',
      '17:00',
    ]);
    expect(hoursProblem('22:00', '00:00')).toBeNull();
    expect(hoursProblem('09:00', '09:00')).toMatch(/after/);
    expect(hoursProblem('', '09:00')).toMatch(/both/);
  });
});
