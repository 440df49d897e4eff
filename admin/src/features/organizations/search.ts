import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const TABS = ['organizations', 'users'] as const;

export const organizationsSearch = (search: RawSearch) =>
  compact({ tab: choiceParam(search.tab, TABS), q: textParam(search.q) });
