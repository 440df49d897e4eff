import { expect, test } from 'vitest';
import { opener, RULES, statusQuery, steps, tellsContact } from './rules';

test('each state offers the steps that the server takes', () => {
  expect(steps('open')).toEqual(['start', 'resolve']);
  expect(steps('in_progress')).toEqual(['resolve']);
  expect(steps('resolved')).toEqual(['reopen']);
});

test('without a choice the list holds what is not resolved', () => {
  expect(statusQuery(undefined)).toEqual({ unresolved: true });
  expect(statusQuery('any')).toEqual({});
  expect(statusQuery('resolved')).toEqual({ status: 'resolved' });
});

test('a contact hears of their own report only', () => {
  expect(tellsContact({ source: 'contact' })).toBe(true);
  expect(tellsContact({ source: 'staff' })).toBe(false);
});

test('who opened it', () => {
  expect(opener({ source: 'contact', opened_by: null })).toBe('by text');
  expect(opener({ source: 'api', opened_by: null })).toBe('by a program');
  expect(opener({ source: 'staff', opened_by: { id: '1', display_name: 'Dana' } })).toBe('by Dana');
});

test('a report has a subject and a text', () => {
  expect(RULES.subject('  ')).not.toBeNull();
  expect(RULES.subject('x'.repeat(201))).not.toBeNull();
  expect(RULES.subject('x')).toBeNull();
  expect(RULES.body('x'.repeat(8001))).not.toBeNull();
});
