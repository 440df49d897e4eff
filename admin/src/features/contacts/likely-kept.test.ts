import { expect, test } from 'vitest';
import { likelyKept } from './likely-kept';

const contact = (opted_out: boolean, last_message_at: string | null, created_at: string) => ({
  opt_in_status: opted_out ? ('opted_out' as const) : ('pending' as const),
  last_message_at,
  created_at,
});

test('an opt-out comes first, then the last text, then age', () => {
  const old = contact(false, null, '2026-01-01T00:00:00Z');
  const fresh = contact(false, null, '2026-02-01T00:00:00Z');
  const texts = contact(false, '2026-03-01T00:00:00Z', '2026-02-02T00:00:00Z');
  const out = contact(true, null, '2026-02-03T00:00:00Z');
  for (const pair of [
    [old, fresh],
    [fresh, old],
  ] as const)
    expect(likelyKept(pair)).toBe(old);
  for (const pair of [
    [old, texts],
    [texts, old],
  ] as const)
    expect(likelyKept(pair)).toBe(texts);
  for (const pair of [
    [out, texts],
    [texts, out],
  ] as const)
    expect(likelyKept(pair)).toBe(out);
});
