import { expect, describe as group, it } from 'vitest';
import type { SegmentFilter } from '@/api/types';
import {
  describe,
  draftOf,
  everybody,
  filterOf,
  isReady,
  newGroup,
  newRule,
  type Rule,
  ruleAt,
  withField,
  withOp,
} from './filter';

const nested: SegmentFilter = {
  all: [
    { field: 'lifecycle_stage', op: 'is', value: ['customer', 'former'] },
    { field: 'custom.plan', op: 'contains', value: 'gold' },
    { field: 'visited', op: 'at_least', value: 3 },
    {
      any: [
        { field: 'tags', op: 'has_any', value: ['vip'] },
        { field: 'booked', op: 'ever' },
      ],
    },
    { not: { any: [{ field: 'texted', op: 'within_days', value: 14 }] } },
  ],
};

group('filters in a form', () => {
  it('come back as they were', () => {
    const draft = draftOf(nested);
    expect(draft && filterOf(draft)).toEqual(nested);
    expect(draft && isReady(draft)).toBe(true);
    expect(filterOf(everybody())).toEqual({ all: [] });
  });

  it('a bare condition and a bare negation are drawn as one of a list', () => {
    const bare = draftOf({ field: 'language', op: 'is', value: 'es' });
    expect(bare && filterOf(bare)).toEqual({ all: [{ field: 'language', op: 'is', value: ['es'] }] });
    const not = draftOf({ not: { field: 'language', op: 'is', value: 'es' } });
    expect(not && filterOf(not)).toEqual({ all: [{ not: { any: [{ field: 'language', op: 'is', value: ['es'] }] } }] });
  });

  it('what cannot be drawn is not guessed', () => {
    expect(draftOf({ all: [{ any: [{ all: [] }] }] })).toBeUndefined();
    expect(draftOf({ all: [{ field: 'shoe_size', op: 'is', value: '9' }] })).toBeUndefined();
    expect(draftOf({ not: { not: { field: 'booked', op: 'ever' } } })).toBeUndefined();
  });

  it('nothing is counted that is half written', () => {
    const of = (rule: Partial<Rule>) => isReady({ ...everybody(), rules: [{ ...newRule(), ...rule }] });
    expect(of({})).toBe(false);
    expect(of({ values: ['vip'] })).toBe(true);
    expect(of({ field: 'custom', op: 'is_set' })).toBe(false);
    expect(of({ field: 'custom', op: 'is_set', name: 'plan' })).toBe(true);
    expect(of({ field: 'custom', op: 'less', name: 'age', values: ['x'] })).toBe(false);
    for (const [text, right] of [
      ['30', true],
      ['0', false],
      ['1.5', false],
      ['4000', false],
      ['', false],
    ] as const)
      expect(of({ field: 'heard', op: 'within_days', values: [text] })).toBe(right);
    expect(isReady({ ...everybody(), join: 'any' })).toBe(false);
    expect(isReady({ ...everybody(), groups: [newGroup()] })).toBe(false);
  });

  it('another field begins anew, another question keeps what it can', () => {
    const rule = { ...newRule(), field: 'heard', op: 'within_days' as const, values: ['30'] };
    expect(withField(rule, 'created')).toMatchObject({ field: 'created', op: 'within_days', values: [] });
    expect(withOp(rule, 'not_within_days').values).toEqual(['30']);
    expect(withOp(rule, 'ever').values).toEqual([]);
  });

  it('a problem is shown at its condition', () => {
    const draft = draftOf(nested);
    if (!draft) throw new Error('not drawn');
    expect(ruleAt(draft, 'filter.all[1].value')).toBe(draft.rules[1]?.key);
    expect(ruleAt(draft, 'filter.all[3].any[1].op')).toBe(draft.groups[0]?.rules[1]?.key);
    expect(ruleAt(draft, 'filter')).toBeUndefined();
  });

  it('are said in words', () => {
    expect(describe(nested)).toBe(
      'Stage is Customer, Former · plan contains gold · Came to an appointment at least 3× · ' +
        '(Tags has any of vip or Booked ever) · not (Was texted by us in the last 14 days)',
    );
    expect(describe({ all: [] })).toBe('Everybody');
    expect(describe({ field: 'phone_number', op: 'is', value: Array(1200).fill('+14155550101') })).toBe(
      'Number is one of 1,200',
    );
  });
});
