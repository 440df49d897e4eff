import { compact, type RawSearch, textParam } from '@/lib/search';

/** `with` is the id of a colleague, or `assistant`. */
export const teamSearch = (search: RawSearch) => compact({ with: textParam(search.with) });
