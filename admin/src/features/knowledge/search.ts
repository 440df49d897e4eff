import { compact, type RawSearch, textParam } from '@/lib/search';

/** `entry` is the one being edited, or `new`. */
export const knowledgeSearch = (search: RawSearch) => compact({ entry: textParam(search.entry) });
