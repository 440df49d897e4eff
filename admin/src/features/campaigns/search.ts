import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const STATES = ['draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled'] as const;

export const campaignsSearch = (search: RawSearch) =>
  compact({ q: textParam(search.q), state: choiceParam(search.state, STATES) });

export const TARGET_STATES = ['waiting', 'sent', 'skipped', 'stopped'] as const;

export const campaignSearch = (search: RawSearch) =>
  compact({ targets: choiceParam(search.targets, TARGET_STATES), reason: textParam(search.reason) });
