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
    segment: textParam(search.segment),
    /** Without it: those that were not put away. */
    shown: choiceParam(search.shown, SHOWN),
  });

/** The file of everybody whom the list shows. */
export function exportAddress({ q, consent, stage, tag, segment, shown }: ReturnType<typeof contactsSearch>): string {
  const query = new URLSearchParams();
  const filters = { q, opt_in_status: consent, lifecycle_stage: stage, tag, segment, archived: shown && 'true' };
  for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
  return `/api/contacts/export${query.size > 0 ? `?${query}` : ''}`;
}
