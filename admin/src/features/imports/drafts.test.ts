import { describe, expect, test } from 'vitest';
import { type Draft, decidedOf, givenAt, isProven, NO_CONSENT, optionsOf, withField } from './drafts';

const draft: Draft = {
  header: true,
  columns: [{ field: 'phone_number' }, { field: 'first_name' }, { field: 'ignore' }],
  country: ' US ',
  existing: 'fill',
  tags: ['spring'],
  stage: null,
  timezone: '',
  consent: null,
};

describe('columns', () => {
  test('a field is one column’s only', () => {
    expect(withField(draft.columns, 2, 'phone_number', 'Mobile').map((c) => c.field)).toEqual([
      'ignore',
      'first_name',
      'phone_number',
    ]);
    expect(withField(draft.columns, 1, 'ignore', null).map((c) => c.field)).toEqual([
      'phone_number',
      'ignore',
      'ignore',
    ]);
  });

  test('something of one’s own is called like its header', () => {
    expect(withField(draft.columns, 2, 'custom', 'Dog')[2]).toEqual({ field: 'custom', name: 'Dog' });
    expect(withField(draft.columns, 2, 'custom', null)[2]).toEqual({ field: 'custom', name: 'Column 3' });
    const twice = withField(withField(draft.columns, 2, 'custom', 'Dog'), 1, 'custom', 'Cat');
    expect(twice.filter((c) => c.field === 'custom')).toHaveLength(2);
  });
});

describe('consent', () => {
  const consent = { ...NO_CONSENT, evidence: ' Sheets 1 to 40 ', day: '2026-03-08' };

  test('is sent with what proves it, or not at all', () => {
    expect(decidedOf(draft).consent).toBeNull();
    expect(decidedOf({ ...draft, consent }).consent).toMatchObject({
      evidence: 'Sheets 1 to 40',
      source: null,
      given_at: '2026-03-08T12:00:00.000Z',
    });
    expect(optionsOf({ ...draft, consent })).not.toHaveProperty('consent');
    expect(optionsOf(draft).country).toBe('US');
  });

  test('needs a day and evidence', () => {
    expect(isProven(null)).toBe(true);
    expect(isProven(consent)).toBe(true);
    expect(isProven({ ...consent, day: '' })).toBe(false);
    expect(isProven({ ...consent, evidence: '  ' })).toBe(false);
  });

  test('is never of the future', () => {
    const morning = Date.parse('2026-03-08T08:00:00Z');
    expect(givenAt('2026-03-08', morning)).toBe('2026-03-08T08:00:00.000Z');
    expect(givenAt('2026-03-07', morning)).toBe('2026-03-07T12:00:00.000Z');
  });
});
