import { compact, type RawSearch, textParam } from '@/lib/search';

export const conversationsSearch = (search: RawSearch) => compact({ id: textParam(search.id) });
