import { expect, test } from 'vitest';
import { daysOf, termProblem, termWords } from './terms';

test('an empty field is for ever', () => {
  expect(daysOf('')).toBeNull();
  expect(daysOf(365)).toBe(365);
  expect(termProblem('')).toBeNull();
});

test('a term is from a month to ten years', () => {
  for (const right of [30, 365, 3650, '90']) expect(termProblem(right)).toBeNull();
  for (const wrong of [0, 29, 3651, -30, 30.5, '-']) expect(termProblem(wrong)).toMatch(/30 to 3650/);
});

test('terms read as people say them', () => {
  expect(termWords(null)).toBe('Kept for ever.');
  expect(termWords(30)).toBe('Deleted after 30 days.');
  expect(termWords(365)).toBe('Deleted after about 12 months.');
  expect(termWords(1825)).toBe('Deleted after about 5 years.');
});
