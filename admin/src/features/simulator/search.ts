import { parsePhone } from '@/lib/phone';
import { compact, type RawSearch, textParam } from '@/lib/search';

export const DEFAULT_NUMBER = '+14155550101';

/** `?from=+1415…` typed by hand loses its plus to the query string, and a bare number is parsed as one. */
export function fromParam(value: unknown): string | undefined {
  const text = textParam(value)?.trim();
  if (!text) return undefined;
  return parsePhone(text) ?? undefined;
}

export const simulatorSearch = (search: RawSearch) => compact({ from: fromParam(search.from) });
