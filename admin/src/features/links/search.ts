import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const linksSearch = (search: RawSearch) =>
  compact({
    /** Without it: all. */
    clicked: choiceParam(search.clicked, ['yes', 'no']),
    /** Those of one campaign. */
    batch: textParam(search.batch),
    contact: textParam(search.contact),
  });
