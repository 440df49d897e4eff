import type { Tone } from './labels';
import { dayKey } from './time';

const DAY = 24 * 60 * 60_000;

/** Whole calendar days from one day to another, both YYYY-MM-DD. */
function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

export type Deadline = { words: string; tone: Tone };

/**
 * How long is left, by the zone's calendar and not by hours: "due tomorrow" is true at any hour of today. Red in the last two
 * days, because a weekend may lie between.
 */
export function deadline(due: string, now: number, zone: string): Deadline {
  const left = Date.parse(due) - now;
  if (Number.isNaN(left)) return { words: 'no due date', tone: 'neutral' };
  if (left <= 0) return { words: 'overdue', tone: 'bad' };
  const days = daysBetween(dayKey(now, zone), dayKey(due, zone));
  if (days === 0) return { words: 'due today', tone: 'bad' };
  if (days === 1) return { words: 'due tomorrow', tone: 'bad' };
  return { words: `due in ${days} days`, tone: days <= 2 ? 'bad' : days <= 5 ? 'warn' : 'neutral' };
}
