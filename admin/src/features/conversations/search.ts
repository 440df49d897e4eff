import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const FILTERS = ['waiting', 'human', 'mine', 'archived'] as const;
export type Filter = (typeof FILTERS)[number];

export const conversationsSearch = (search: RawSearch) =>
  compact({ id: textParam(search.id), filter: choiceParam(search.filter, FILTERS), q: textParam(search.q) });
