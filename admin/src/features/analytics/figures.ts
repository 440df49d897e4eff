import type { Figures } from '@/api/types';
import { formatCalendarDay, formatDay, formatTime } from '@/lib/time';
import type { By } from './search';

const number = new Intl.NumberFormat('en-US');
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 });
const small = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });

export const count = (value: number): string => number.format(value);

/** "97.2%"; a dash where there was nothing to divide. Small ones keep another digit: an opt-out rate of 0.25% is not one of 0.3%. */
export function rate(value: number | null | undefined): string {
  if (value === null || value === undefined) return '—';
  return (value !== 0 && Math.abs(value) < 0.02 ? small : percent).format(value);
}

const STEPS: readonly [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** "10 s", "2 min", "4 h": the bounds of the histogram are whole ones. */
export function duration(seconds: number): string {
  for (const [size, unit] of STEPS) {
    if (seconds >= size && seconds % size === 0) return `${count(seconds / size)} ${unit}`;
  }
  return `${count(seconds)} s`;
}

/** "within 10 s". Where there were answers but the bound is past the last step, it is longer than that. */
export function waited(figures: Pick<Figures, 'responses'>, bound: number | null | undefined): string {
  if (figures.responses === 0) return '—';
  return bound === null || bound === undefined ? 'over 2 d' : `within ${duration(bound)}`;
}

export type Change = { words: string; direction: 'up' | 'down' | 'same' };

/** How a number compares with the same time before. None: there was nothing before to compare with. */
export function changeOf(now: number | null | undefined, before: number | null | undefined): Change | undefined {
  if (now === null || now === undefined || before === null || before === undefined) return undefined;
  if (before === 0) return undefined;
  if (now === before) return { words: 'as before', direction: 'same' };
  const share = now / before - 1;
  const direction = share > 0 ? 'up' : 'down';
  if (share >= 10) return { words: `${count(Math.round(now / before))} times as much`, direction };
  const rounded = Math.max(1, Math.round(Math.abs(share) * 100));
  return { words: `${share > 0 ? '+' : '−'}${rounded}%`, direction };
}

/** Rates are compared by points, not by percent of percent. */
export function pointsOf(now: number | null | undefined, before: number | null | undefined): Change | undefined {
  if (now === null || now === undefined || before === null || before === undefined) return undefined;
  const points = Math.round((now - before) * 10_000) / 100;
  if (points === 0) return { words: 'as before', direction: 'same' };
  return { words: `${points > 0 ? '+' : '−'}${Math.abs(points)} points`, direction: points > 0 ? 'up' : 'down' };
}

/** What a piece of the series is called: on the axis, and in full. */
export function pieceName(
  piece: { starts_at: string; date: string },
  by: By,
  zone: string,
): { short: string; long: string } {
  if (by === 'hour') {
    const time = formatTime(piece.starts_at, zone);
    return { short: time, long: `${formatDay(piece.starts_at, zone)}, ${time}` };
  }
  const short = formatCalendarDay(piece.date, { month: 'short', day: 'numeric' });
  const long = formatCalendarDay(piece.date, { weekday: 'long', month: 'long', day: 'numeric' });
  return { short, long: by === 'week' ? `Week from ${long}` : long };
}

const SOURCES: Record<string, string> = {
  contact: 'Contacts, by text',
  staff: 'Staff',
  system: 'The program',
};
export const sourceName = (source: string): string => SOURCES[source] ?? source;

const ERRORS: Record<string, string> = {
  gave_up: 'We stopped trying: the provider could not be reached.',
  unknown: 'No reason was given.',
};
export const errorWords = (error: { code: string; sentence?: string | null }): string =>
  error.sentence ?? ERRORS[error.code] ?? 'A code without a meaning in our table.';
