import { describe, expect, it } from 'vitest';
import { characterCount, countSegments, lengthWords, smsSegments } from './segments';
import cases from './segments.cases.json';

describe('the parts of a text', () => {
  const parts = (text: string) => smsSegments(text).segments;

  it('hold 160 characters alone and 153 each of several', () => {
    expect([0, 1, 160, 161, 306, 307].map((n) => parts('a'.repeat(n)))).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('hold 70 and 67 once a character is outside the SMS alphabet', () => {
    expect([69, 70, 133, 134].map((n) => parts(`í${'a'.repeat(n)}`))).toEqual([1, 2, 2, 3]);
  });

  it('count brackets and the euro twice', () => {
    expect(parts('€'.repeat(80))).toBe(1);
    expect(parts('€'.repeat(81))).toBe(2);
  });

  it('keep ñ and é in the SMS alphabet, but not á', () => {
    expect(smsSegments('mañana café').unicode).toBe(false);
    expect(smsSegments('está').unicode).toBe(true);
  });
});

describe('the count', () => {
  it.each(cases)('is the server’s own: $text × $repeat, then $then', (one) => {
    const counted = countSegments(one.text.repeat(one.repeat) + one.then);
    expect(counted).toEqual({
      encoding: one.encoding,
      parts: one.parts,
      units: one.units,
      leftInPart: one.left_in_part,
    });
  });
});

it('counts an emoji as one character, as the server does', () => {
  expect(characterCount('👋 hi')).toBe(4);
});

it('says how long a text is, and whether it is too long', () => {
  expect(lengthWords('hello', 480)).toEqual({ text: '5 / 480 characters, 1 SMS', over: false, hint: '' });
  expect(lengthWords('', 480).text).toBe('0 / 480 characters');
  expect(lengthWords('a'.repeat(481), 480).over).toBe(true);
  expect(lengthWords('¡Está!', 480, true)).toEqual({ text: '6 / 480 characters', over: false, hint: '' });
  expect(lengthWords('¡Está!', 480).hint).toMatch(/70 to an SMS/);
});
