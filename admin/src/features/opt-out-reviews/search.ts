import { choiceParam, compact, type RawSearch } from '@/lib/search';

export const STATUSES = ['decided'] as const;

/** Without a status: the open ones. */
export const optOutReviewsSearch = (search: RawSearch) => compact({ status: choiceParam(search.status, STATUSES) });
