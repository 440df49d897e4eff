// Who started to wait since we last looked, so that each is announced once.

export type Waiting = { id: string; waiting_since?: string | null };

/** The same person waiting anew, after having been attended to, is a new wait. */
const waitKey = (c: Waiting) => `${c.id}|${c.waiting_since}`;

/**
 * `seen` is null before the first look: who waits already then is shown by the badges, not announced. `waiting` is
 * undefined while it is not known.
 */
export function newlyWaiting<C extends Waiting>(
  seen: ReadonlySet<string> | null,
  waiting: readonly C[] | undefined,
): { seen: ReadonlySet<string> | null; fresh: C[] } {
  if (!waiting) return { seen, fresh: [] };
  const keys = new Set(waiting.map(waitKey));
  return { seen: keys, fresh: seen ? waiting.filter((c) => !seen.has(waitKey(c))) : [] };
}

/** "(2) Conversations · Frontdesk" while people wait. */
export const countedTitle = (title: string, count: number): string => (count > 0 ? `(${count}) ${title}` : title);

/** Rows that were not there at the last look. `seen` is null before the first, which finds nothing new. */
export function newIds<R extends { id: string }>(
  seen: ReadonlySet<string> | null,
  rows: readonly R[],
): { seen: ReadonlySet<string>; fresh: R[] } {
  const ids = new Set([...(seen ?? []), ...rows.map((row) => row.id)]);
  return { seen: ids, fresh: seen ? rows.filter((row) => !seen.has(row.id)) : [] };
}
