import { compact, type RawSearch, textParam } from '@/lib/search';

/** `endpoint` is the one that is open, or `new`. */
export const webhooksSearch = (search: RawSearch) => compact({ endpoint: textParam(search.endpoint) });
