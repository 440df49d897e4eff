import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const segmentsSearch = (search: RawSearch) =>
  compact({
    q: textParam(search.q),
    /** Without it: those that were not put away. */
    shown: choiceParam(search.shown, ['archived']),
    /** The one being edited, or `new`. */
    segment: textParam(search.segment),
  });
