import { compact, type RawSearch } from '@/lib/search';

/** Days of use shown; 30 is left out of the address. */
export const SPANS = [7, 30, 90] as const;
export type Span = (typeof SPANS)[number];

export const assistantSearch = (search: RawSearch) =>
  compact({ days: SPANS.find((span) => span === search.days && span !== 30) });
