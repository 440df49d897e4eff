import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';
import { STAGES } from './drafts';

export const CONSENTS = ['pending', 'opted_in', 'opted_out'] as const;
export const SHOWN = ['archived'] as const;

export const contactsSearch = (search: RawSearch) =>
  compact({
    q: textParam(search.q),
    consent: choiceParam(search.consent, CONSENTS),
    stage: choiceParam(search.stage, STAGES),
    tag: textParam(search.tag),
    /** Without it: those that were not put away. */
    shown: choiceParam(search.shown, SHOWN),
  });
