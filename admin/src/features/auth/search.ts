import { compact, type RawSearch, textParam } from '@/lib/search';

/** Only a path of our own: never a way to be sent to another site after signing in. */
export function safeReturn(value: unknown): string | undefined {
  const path = textParam(value);
  if (!path?.startsWith('/') || path.startsWith('//') || path.includes('\\') || path.startsWith('/sign-in'))
    return undefined;
  return path;
}

export const signInSearch = (search: RawSearch) => compact({ return: safeReturn(search.return) });
