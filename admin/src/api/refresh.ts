// From notes to requests: what is on screen and concerned is asked for anew, soon, and not more often than is good for the server.
import type { Query, QueryClient } from '@tanstack/react-query';
import { concerns, isTold } from './invalidate';
import type { LiveNote } from './types';

/** So long after the first note, for what comes with it. */
const SOON = 40;
/** Between two rounds. Every tab of an organization asks, so each waits a little differently. */
const PACE = 1_000;
/** Figures over everything cost more than rows. */
const SLOW_PACE = 10_000;
const SLOW = new Set(['/api/analytics/dashboard', '/api/contacts', '/api/audit']);
/** Asked for out of sight too: somebody may want to be alerted. */
const UNSEEN = new Set(['/api/inbox']);

export class Refresher {
  private notes: LiveNote[] = [];
  private all = false;
  /** Hashes of queries that are concerned, and wait until it is their turn or somebody looks. */
  private owed = new Set<string>();
  private asked = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = 0;

  constructor(private readonly client: QueryClient) {}

  start(): void {
    document.addEventListener('visibilitychange', this.whenSeen);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    document.removeEventListener('visibilitychange', this.whenSeen);
  }

  hear(notes: LiveNote[]): void {
    this.notes.push(...notes);
    this.later(Math.max(SOON, this.last + PACE * (1 + Math.random() / 2) - Date.now()));
  }

  /** Everything that is told of at all; the rest looks after itself as before. */
  everything(): void {
    this.all = true;
    this.round();
  }

  private readonly whenSeen = (): void => {
    if (!document.hidden && this.owed.size > 0) this.round();
  };

  private later(wait: number): void {
    this.timer ??= setTimeout(() => this.round(), wait);
  }

  private round(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const now = Date.now();
    const { notes, all, owed } = this;
    const [due, wait] = [new Set<Query>(), [] as number[]];
    this.notes = [];
    this.all = false;
    this.owed = new Set();
    this.last = now;
    for (const query of this.client.getQueryCache().getAll()) {
      const { queryKey, queryHash, state } = query;
      const path = String(queryKey[1]);
      const concerned = all ? isTold(path) : notes.some((note) => concerns(note, queryKey, state.data));
      if (!concerned && !owed.has(queryHash)) continue;
      const rest = SLOW.has(path) && !all ? (this.asked.get(path) ?? 0) + SLOW_PACE - now : 0;
      const unseen = document.hidden && !UNSEEN.has(path);
      if (unseen || rest > 0) {
        this.owed.add(queryHash);
        if (!unseen) wait.push(rest);
      } else {
        due.add(query);
      }
    }
    for (const { queryKey } of due) this.asked.set(String(queryKey[1]), now);
    if (due.size > 0) void this.client.invalidateQueries({ predicate: (query) => due.has(query) });
    if (wait.length > 0) this.later(Math.min(...wait));
  }
}
