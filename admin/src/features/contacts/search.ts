import { compact, type RawSearch, textParam } from '@/lib/search';

export const contactsSearch = (search: RawSearch) => compact({ q: textParam(search.q) });
