import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const TABS = ['members', 'invitations', 'roles'] as const;
export type Tab = (typeof TABS)[number];
export const STATUSES = ['active', 'disabled'] as const;

/** `edit` is the role being edited, or `new`. */
export const staffSearch = (search: RawSearch) =>
  compact({
    tab: choiceParam(search.tab, TABS),
    q: textParam(search.q),
    role: textParam(search.role),
    status: choiceParam(search.status, STATUSES),
    edit: textParam(search.edit),
  });
