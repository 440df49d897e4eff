import { describe, expect, it } from 'vitest';
import { inOrder, moved, PROVIDER_RULES } from './providers';
import { assistantSearch } from './search';
import { durationWords, runningSentence, SETTINGS_RULES } from './settings-rules';
import { budgetShare, callsByDay, sumOf } from './usage-days';

describe('the chain', () => {
  it('moves one place up or down, and not over the ends', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  });

  it('shows a new order before the server has it, losing none', () => {
    const providers = [{ id: 'a' }, { id: 'b' }, { id: 'new' }];
    expect(inOrder(providers, ['b', 'a']).map((p) => p.id)).toEqual(['b', 'a', 'new']);
  });

  it('takes both prices or none', () => {
    const prices = (input_price: number | string, output_price: number | string) => [
      PROVIDER_RULES.input_price(input_price, { input_price, output_price }),
      PROVIDER_RULES.output_price(output_price, { input_price, output_price }),
    ];
    expect(prices('', '')).toEqual([null, null]);
    expect(prices(0, 0)).toEqual([null, null]);
    expect(prices(0.25, '')).toEqual([null, 'Give both prices or none']);
    expect(prices('', 2)).toEqual(['Give both prices or none', null]);
    expect(PROVIDER_RULES.model(' ')).toBe('Name the model');
  });
});

describe('the settings', () => {
  it('stay within the server’s limits', () => {
    expect(SETTINGS_RULES.daily_budget_usd(0.5)).toBeNull();
    expect(SETTINGS_RULES.daily_budget_usd('')).toMatch(/Between 0 and 1000/);
    expect(SETTINGS_RULES.history_messages(2.5)).toBe('A whole number');
    expect(SETTINGS_RULES.human_quiet_minutes(4)).toMatch(/Between 5/);
    expect(SETTINGS_RULES.human_quiet_minutes(10_080)).toBeNull();
  });

  it('put minutes into words', () => {
    expect([5, 60, 90, 120, 1440, 10_080, 1501].map(durationWords)).toEqual([
      '5 minutes',
      '1 hour',
      '1 hour 30 minutes',
      '2 hours',
      '1 day',
      '7 days',
      '1 day 1 hour 1 minute',
    ]);
  });

  it('say what really happens', () => {
    expect(runningSentence(false, 'own', 'gpt')).toMatch(/^Off/);
    expect(runningSentence(true, 'none', undefined)).toMatch(/no model to ask/);
    expect(runningSentence(true, 'own', 'gpt-5-mini by OpenAI')).toContain('gpt-5-mini by OpenAI');
  });
});

describe('use per day', () => {
  it('adds models up and keeps the quiet days', () => {
    const rows = [
      { day: '2026-12-01', calls: 5, failures: 2 },
      { day: '2026-12-01', calls: 1, failures: 0 },
      { day: '2026-11-29', calls: 3, failures: 3 },
      { day: '2026-10-01', calls: 9, failures: 0 },
    ];
    expect(callsByDay(rows, '2026-12-01', 3)).toEqual([
      { date: '2026-11-29', answered: 0, failed: 3 },
      { date: '2026-11-30', answered: 0, failed: 0 },
      { date: '2026-12-01', answered: 4, failed: 2 },
    ]);
    expect(sumOf(rows, 'calls')).toBe(18);
  });

  it('is a share of the budget, never more than all of it', () => {
    expect(budgetShare(0.5, 2)).toBe(0.25);
    expect(budgetShare(3, 2)).toBe(1);
    expect(budgetShare(0, 0)).toBe(1);
  });
});

it('keeps the usual span out of the address', () => {
  expect(assistantSearch({ days: 7 })).toEqual({ days: 7 });
  expect(assistantSearch({ days: 30 })).toEqual({});
  expect(assistantSearch({ days: 'all' })).toEqual({});
});
