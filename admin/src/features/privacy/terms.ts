// How long things are kept: what is typed, what is sent, and how it reads.

export const SHORTEST = 30;
export const LONGEST = 3650;

/** Nothing typed means for ever. */
export const daysOf = (typed: number | string): number | null => (typed === '' ? null : Number(typed));

export function termProblem(typed: number | string): string | null {
  const days = daysOf(typed);
  if (days === null) return null;
  const fits = Number.isInteger(days) && days >= SHORTEST && days <= LONGEST;
  return fits ? null : `From ${SHORTEST} to ${LONGEST} days, or empty for ever`;
}

/** A number of days in words that people think in. */
export function termWords(days: number | null): string {
  if (days === null) return 'Kept for ever.';
  if (days < 60) return `Deleted after ${days} days.`;
  const [count, unit] = days < 730 ? [Math.round(days / 30.4), 'months'] : [Math.round(days / 36.5) / 10, 'years'];
  return `Deleted after about ${count} ${unit}.`;
}
