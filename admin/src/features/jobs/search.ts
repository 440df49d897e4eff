import { choiceParam, compact, type RawSearch } from '@/lib/search';

export const STATES = ['dead', 'queued', 'running', 'done'] as const;

export const jobsSearch = (search: RawSearch) => compact({ state: choiceParam(search.state, STATES) });
