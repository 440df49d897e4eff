// A form was filled from a row, and the row is known anew while somebody types: what becomes of the form.

export type Versioned = { version?: number | null };

/**
 * `stay`: nothing newer is known. `carry`: newer, but nothing the form shows has changed, so it saves over the newer version. `follow`: the
 * form has nothing of its own to lose and shows the newer row. `conflict`: what was typed stays, and the version it was typed on with it,
 * by which the server sees that somebody else was faster.
 */
export type Course = 'stay' | 'carry' | 'follow' | 'conflict';

/** Of plain values by one function, so that the order of their keys is the same. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const versionOf = (row: Versioned | undefined): number => row?.version ?? 0;

/** `opened` is the row the form was filled from, `live` the one known now, `typed` what the form holds. */
export function courseOf<Row extends Versioned | undefined, Values>(
  opened: Row,
  live: Row,
  typed: Values,
  valuesOf: (row: Row) => Values,
): Course {
  if (versionOf(live) <= versionOf(opened)) return 'stay';
  const [before, now] = [valuesOf(opened), valuesOf(live)];
  if (same(before, now)) return 'carry';
  return same(typed, before) || same(typed, now) ? 'follow' : 'conflict';
}
