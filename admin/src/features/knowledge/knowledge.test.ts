import { describe, expect, it } from 'vitest';
import { BLANK, RULES, USUAL, unfilled } from './drafts';
import { topicFace, topicOf } from './topics';

describe('the usual entries', () => {
  it('are off and unfilled, so none can be sent by accident', () => {
    expect(USUAL.map((e) => e.topic)).toEqual(['hours', 'location', 'prices', 'parking', 'policies']);
    for (const entry of USUAL) {
      expect(entry.active).toBe(false);
      expect(unfilled(entry)).toBe(true);
    }
  });

  it('are accepted by the form as drafts, and refused when switched on', () => {
    for (const entry of USUAL) {
      expect(RULES.title(entry.title)).toBeNull();
      expect(RULES.answer_en(entry.answer_en, entry)).toBeNull();
      expect(RULES.answer_es(entry.answer_es ?? '', entry)).toBeNull();
      expect(RULES.answer_en(entry.answer_en, { active: true })).toMatch(/brackets/);
    }
  });
});

describe('an answer', () => {
  it('is unfilled in either language', () => {
    expect(unfilled({ answer_en: 'We open at 9.', answer_es: null })).toBe(false);
    expect(unfilled({ answer_en: 'We open at 9.', answer_es: 'Abrimos a las [9].' })).toBe(true);
    expect(unfilled({ answer_en: 'Smile :]' })).toBe(false);
  });

  it('has to be there and fit', () => {
    const on = { active: true };
    expect(RULES.answer_en('  ', on)).toBe('Write the answer');
    expect(RULES.answer_en('a'.repeat(480), on)).toBeNull();
    expect(RULES.answer_en('a'.repeat(481), on)).toMatch(/480/);
    expect(RULES.answer_es('', on)).toBeNull();
  });
});

it('limits title and keywords as the server does', () => {
  expect(RULES.title(' ')).toBe('Give it a title');
  expect(RULES.title('a'.repeat(121))).toMatch(/120/);
  expect(RULES.keywords(Array.from({ length: 20 }, (_, i) => `k${i}`))).toBeNull();
  expect(RULES.keywords(Array.from({ length: 21 }, (_, i) => `k${i}`))).toMatch(/20/);
  expect(RULES.keywords(['a'.repeat(61)])).toMatch(/60/);
});

it('takes a topic it does not know for something else', () => {
  expect(topicOf('weather')).toBe('other');
  expect(topicFace('hours').label).toBe('Opening hours');
  expect(BLANK.topic).toBe('other');
});
