import { humanize } from '@/lib/labels';
import { addDays, startOfDay } from '@/lib/time';
import type { AuditSearch } from './search';

/** What the server is asked for a page of the log, and for its file. */
export function filtersOf(search: AuditSearch, zone: string) {
  return {
    q: search.q,
    actor_kind: search.actor,
    target_kind: search.kind,
    target_id: search.target,
    from: search.from && startOfDay(search.from, zone).toISOString(),
    to: search.to && startOfDay(addDays(search.to, 1), zone).toISOString(),
  };
}

/** The address of the file with everything that matches. */
export function exportHref(search: AuditSearch, zone: string): string {
  const given = Object.entries(filtersOf(search, zone)).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const query = new URLSearchParams(given).toString();
  return query ? `/api/audit/export?${query}` : '/api/audit/export';
}

/** `api_key.created` as "Created API key", `user.signed_in` as "User: signed in". */
export function actionWords(action: string): string {
  const [kind = '', verb = ''] = action.split('.');
  if (verb.includes('_')) return `${kindWords(kind)}: ${humanize(verb).toLowerCase()}`;
  return `${humanize(verb)} ${kindWords(kind).toLowerCase()}`.replace('api key', 'API key');
}

export const kindWords = (kind: string): string => (kind === 'api_key' ? 'API key' : humanize(kind));

export type Difference = { field: string; before: string | undefined; after: string | undefined };

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Fields that tell a reader nothing: they change with every change, or name the row itself. */
const NOISE = new Set(['id', 'version', 'updated_at']);

/** What a change did, field by field. A side that has no row has no value. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [old, fresh] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter((name) => !NOISE.has(name));
  return names.map((field) => ({
    field: humanize(field),
    before: field in old ? shown(old[field]) : undefined,
    after: field in fresh ? shown(fresh[field]) : undefined,
  }));
}
