import type { Health } from '@/api/types';

const NAMES: Record<string, string> = { db: 'the database', redis: 'Redis' };

/** The parts that answered anything but "ok", in words. */
export function failingParts(health: Pick<Health, 'db' | 'redis'>): { name: string; says: string }[] {
  return Object.entries(health)
    .filter(([part, says]) => part !== 'status' && typeof says === 'string' && says !== 'ok')
    .map(([part, says]) => ({ name: NAMES[part] ?? part, says: String(says) }));
}

export function healthSentence(health: Pick<Health, 'db' | 'redis'>): string {
  const parts = failingParts(health);
  if (parts.length === 0) return 'The server reports a problem without naming a part.';
  const listed = parts.map((p) => `${p.name} (${p.says})`).join(' and ');
  return `Not working: ${listed}. Texts already accepted are safe; answers may come late.`;
}

/** A health document, when that is what was thrown. */
export function readHealth(value: unknown): Pick<Health, 'status' | 'db' | 'redis'> | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Error) return undefined;
  return 'status' in value && (value.status === 'red' || value.status === 'green') ? (value as Health) : undefined;
}
