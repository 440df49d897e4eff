import { choiceParam, compact, type RawSearch } from '@/lib/search';
import { addDays, isDay } from '@/lib/time';

/** Days up to today; 30 is left out of the address. */
export const SPANS = [7, 30, 90] as const;
export type Span = (typeof SPANS)[number];

export const PIECES = ['hour', 'day', 'week'] as const;
export type By = (typeof PIECES)[number];

/** Limits of the server. */
const MOST_DAYS = 400;
const MOST_BY_HOUR = 31;

export type AnalyticsSearch = { days?: Span; from?: string; to?: string; by?: By };

/** `from` and `to` are said together; they win over `days`. */
export function analyticsSearch(search: RawSearch): AnalyticsSearch {
  const { from, to } = search;
  const own = isDay(from) && isDay(to) && lengthOf(from, to) !== undefined;
  return compact({
    days: own ? undefined : SPANS.find((span) => span === search.days && span !== 30),
    from: own ? from : undefined,
    to: own ? to : undefined,
    by: choiceParam(search.by, PIECES),
  });
}

const DAY = 86_400_000;

/** Days from one to the other, both included; none where that is no period the server knows. */
export function lengthOf(from: string, to: string): number | undefined {
  const length = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
  return from >= '2000-01-01' && to <= '2200-12-31' && length >= 1 && length <= MOST_DAYS ? length : undefined;
}

/** `query`: how it is asked for. Days up to today are counted by the server, whose today may have been moved by the time machine. */
export type Period = {
  from: string;
  to: string;
  by: By;
  days: number;
  query: { from: string; to: string; by: By } | { days: Span; by: By };
};

/** What is asked for; hours of more than a month are not. */
export function periodOf(search: AnalyticsSearch, today: string): Period {
  const { from, to } =
    search.from && search.to
      ? { from: search.from, to: search.to }
      : { from: addDays(today, 1 - (search.days ?? 30)), to: today };
  const days = lengthOf(from, to) ?? 1;
  const usual: By = days <= 2 ? 'hour' : days > 120 ? 'week' : 'day';
  const by = search.by && piecesFor(days).includes(search.by) ? search.by : usual;
  const query = search.from && search.to ? { from, to, by } : { days: search.days ?? 30, by };
  return { from, to, by, days, query };
}

/** How fine a period of so many days can be cut. */
export const piecesFor = (days: number): By[] => (days <= MOST_BY_HOUR ? [...PIECES] : ['day', 'week']);

export const csvAddress = ({ query }: Period): string =>
  `/api/analytics/dashboard.csv?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
