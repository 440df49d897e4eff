/** How long a key is to work. */
export const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'a year' },
  { value: 'never', label: 'until it is revoked' },
];

export function expiresAt(lifetime: string, now: number): string | null {
  const days = Number(lifetime);
  return Number.isFinite(days) ? new Date(now + days * 86_400_000).toISOString() : null;
}
