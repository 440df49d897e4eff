import { addDays } from '@/lib/time';

type UsageRow = { day: string; calls: number; failures: number };
export type UsageDay = { date: string; answered: number; failed: number };

/** Calls per day for the `span` days up to `last`, days without any included. Rows of several models are added up. */
export function callsByDay(rows: readonly UsageRow[], last: string, span: number): UsageDay[] {
  const days = Array.from({ length: span }, (_, i) => ({
    date: addDays(last, i + 1 - span),
    answered: 0,
    failed: 0,
  }));
  const byDate = new Map(days.map((day) => [day.date, day]));
  for (const row of rows) {
    const day = byDate.get(row.day);
    if (!day) continue;
    day.failed += row.failures;
    day.answered += Math.max(0, row.calls - row.failures);
  }
  return days;
}

/** How much of the budget is gone, 0 to 1. A budget of nothing is used up. */
export function budgetShare(cost: number, budget: number): number {
  if (budget <= 0) return 1;
  return Math.min(1, Math.max(0, cost / budget));
}

export const sumOf = <K extends string>(rows: readonly Record<K, number>[], key: K): number =>
  rows.reduce((sum, row) => sum + row[key], 0);
