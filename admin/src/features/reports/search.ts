import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const VIEWS = ['mine'] as const;
export const STATUSES = ['open', 'in_progress', 'resolved', 'any'] as const;
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;

/** `report` is the one being looked at, or `new`. Without a status, what is not resolved is listed. */
export const reportsSearch = (search: RawSearch) =>
  compact({
    report: textParam(search.report),
    view: choiceParam(search.view, VIEWS),
    status: choiceParam(search.status, STATUSES),
    priority: choiceParam(search.priority, PRIORITIES),
    q: textParam(search.q),
  });
