import { expect, test } from 'vitest';
import { attributeChange, attributesOf, draftOf, fieldsOf, RULES } from './drafts';

test('what is emptied becomes null, what is typed is trimmed', () => {
  const draft = { ...draftOf(undefined), first_name: ' Ana ', email: '  ', language: 'es', tags: ['vip'] };
  expect(fieldsOf(draft)).toEqual({
    first_name: 'Ana',
    last_name: null,
    email: null,
    timezone: null,
    postal_code: null,
    language: 'es',
    notes: null,
    lifecycle_stage: 'lead',
    tags: ['vip'],
  });
});

test('attributes that are gone are taken out on the server', () => {
  const rows = [
    { name: ' size ', value: 'M' },
    { name: '', value: '' },
    { name: 'car', value: ' red ' },
  ];
  expect(attributesOf(rows)).toEqual({ size: 'M', car: 'red' });
  expect(attributeChange({ dog: 'Rex', size: 'L' }, rows)).toEqual({ dog: null, size: 'M', car: 'red' });
});

test('rules catch what the server would refuse', () => {
  expect(RULES.phone_number('')).not.toBeNull();
  expect(RULES.phone_number('(415) 555-0101')).toBeNull();
  expect(RULES.email('nobody')).not.toBeNull();
  expect(RULES.email('')).toBeNull();
  expect(RULES.postal_code('33101-1234')).toBeNull();
  expect(RULES.postal_code('33101; DROP')).not.toBeNull();
  expect(RULES.first_name('x'.repeat(81))).not.toBeNull();
  expect(RULES.custom([{ name: ' ', value: 'x' }])).not.toBeNull();
});
