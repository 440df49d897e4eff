import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const REASONS = ['opted_out', 'carrier_opted_out', 'under_review', 'blocked'] as const;

export const suppressionsSearch = (search: RawSearch) =>
  compact({
    q: textParam(search.q),
    reason: choiceParam(search.reason, REASONS),
    /** Without it: entries that hold. */
    status: choiceParam(search.status, ['lifted']),
  });
