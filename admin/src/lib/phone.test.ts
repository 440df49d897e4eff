import { describe, expect, it } from 'vitest';
import { fictitiousNumber, formatPhone, initials, parsePhone, personName } from './phone';

describe('phone numbers', () => {
  it('reads what people type', () => {
    expect(parsePhone('+1 415 555 0101')).toBe('+14155550101');
    expect(parsePhone('(415) 555-0101')).toBe('+14155550101');
    expect(parsePhone('14155550101')).toBe('+14155550101');
    expect(parsePhone('+49 30 901820')).toBe('+4930901820');
  });

  it('refuses what is no number', () => {
    for (const wrong of ['', '555 0101', '+1', 'call me', '+0 415 555 0101', '0155550101', '+12345678901234567']) {
      expect(parsePhone(wrong), wrong).toBeNull();
    }
  });

  it('groups United States numbers and leaves others alone', () => {
    expect(formatPhone('+14155550101')).toBe('+1 415 555 0101');
    expect(formatPhone('+4930901820')).toBe('+4930901820');
    expect(formatPhone('whatsapp:+1')).toBe('whatsapp:+1');
  });

  it('invents only numbers kept for fiction', () => {
    for (const random of [0, 0.25, 0.5, 0.999]) {
      expect(fictitiousNumber(() => random)).toMatch(/^\+1[2-9]\d{2}55501\d{2}$/);
    }
  });

  it('falls back to the number for a person without a name', () => {
    const nameless = { phone_number: '+14155550101', first_name: null, last_name: null };
    expect(personName(nameless)).toBe('+1 415 555 0101');
    expect(personName({ ...nameless, last_name: 'Nair' })).toBe('Nair');
    expect(initials({ first_name: 'priya', last_name: 'Nair' })).toBe('PN');
    expect(initials(nameless)).toBe('');
  });
});
