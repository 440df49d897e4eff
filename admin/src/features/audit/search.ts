import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';
import { isDay } from '@/lib/time';

export const ACTORS = ['user', 'api_key', 'system'] as const;

/** `from` and `to` are days in the organization's zone, both included. `target` is the id of one row. */
export const auditSearch = (search: RawSearch) =>
  compact({
    q: textParam(search.q),
    actor: choiceParam(search.actor, ACTORS),
    kind: textParam(search.kind),
    target: textParam(search.target),
    from: isDay(search.from) ? search.from : undefined,
    to: isDay(search.to) ? search.to : undefined,
  });

export type AuditSearch = ReturnType<typeof auditSearch>;
