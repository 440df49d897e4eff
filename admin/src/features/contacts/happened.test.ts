import { expect, test } from 'vitest';
import { happened } from './happened';

test('what happened is said in words', () => {
  expect(happened({ kind: 'text', what: 'inbound' })).toBe('They wrote');
  expect(happened({ kind: 'change', what: 'contact.updated' })).toBe('Edited');
  expect(happened({ kind: 'change', what: 'contact.consent_granted' })).toBe('Consent granted');
});
