import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const STATUSES = ['active', 'expired', 'revoked'] as const;

export const apiKeysSearch = (search: RawSearch) =>
  compact({ q: textParam(search.q), status: choiceParam(search.status, STATUSES) });
