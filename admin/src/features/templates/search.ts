import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const PURPOSES = ['transactional', 'marketing'] as const;
export const SHOWN = ['archived'] as const;

export const templatesSearch = (search: RawSearch) =>
  compact({
    q: textParam(search.q),
    purpose: choiceParam(search.purpose, PURPOSES),
    /** Without it: those that were not put away. */
    shown: choiceParam(search.shown, SHOWN),
    /** The one being edited, or `new`. */
    template: textParam(search.template),
  });
