import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const REASONS = [
  'opted_out',
  'carrier_opted_out',
  'under_review',
  'blocked',
  'do_not_call',
  'bad_number',
] as const;

export const TABS = ['lists', 'installation'] as const;

export const suppressionsSearch = (search: RawSearch) =>
  compact({
    q: textParam(search.q),
    reason: choiceParam(search.reason, REASONS),
    /** Without it: entries that hold. */
    status: choiceParam(search.status, ['lifted']),
    /** Only what came with this list. */
    batch: textParam(search.batch),
    /** Without it: the organization's numbers. */
    tab: choiceParam(search.tab, TABS),
  });
