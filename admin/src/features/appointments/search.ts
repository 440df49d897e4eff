import { choiceParam, compact, type RawSearch } from '@/lib/search';

export const STATUSES = ['held', 'confirmed', 'cancelled', 'completed', 'no_show', 'expired'] as const;

export const appointmentsSearch = (search: RawSearch) =>
  compact({ when: choiceParam(search.when, ['past']), status: choiceParam(search.status, STATUSES) });
