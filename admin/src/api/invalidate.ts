import type { QueryClient } from '@tanstack/react-query';
import type { LiveKind, LiveNote } from './types';

/** A booking, cancellation or move shows in all of these. */
const TOUCHED_BY_BOOKINGS = ['/api/appointments', '/api/appointments/{id}', '/api/slots', '/api/analytics/dashboard'];

/** A service, provider, slot, weekly hours or closed days show in all of these. */
const TOUCHED_BY_CALENDAR = [
  ...TOUCHED_BY_BOOKINGS,
  '/api/services',
  '/api/providers',
  '/api/availability',
  '/api/availability/exceptions',
];

/** A text from staff, a takeover or a decision on an opt-out shows in all of these. */
const TOUCHED_BY_CONVERSATIONS = [
  '/api/conversations',
  '/api/conversations/{id}',
  '/api/conversations/{id}/messages',
  '/api/conversations/{id}/turns',
  '/api/messages',
  '/api/contacts',
  '/api/contacts/{id}',
  '/api/contacts/{id}/consent',
  '/api/contacts/{id}/timeline',
  '/api/contacts/duplicates',
  '/api/contacts/imports',
  '/api/contacts/imports/{id}',
  '/api/suppressions',
  '/api/suppressions/batches',
  '/api/installation/suppressions',
  '/api/compliance/disclosures',
  '/api/opt-out-reviews',
  '/api/inbox',
];

function outdated(client: QueryClient, paths: readonly string[]): Promise<void> {
  return client.invalidateQueries({ predicate: ({ queryKey }) => paths.includes(String(queryKey[1])) });
}

export const bookingsChanged = (client: QueryClient) => outdated(client, TOUCHED_BY_BOOKINGS);
export const calendarChanged = (client: QueryClient) => outdated(client, TOUCHED_BY_CALENDAR);
export const conversationsChanged = (client: QueryClient) => outdated(client, TOUCHED_BY_CONVERSATIONS);
/** An edit of a contact shows wherever their name does, and recorded consent wherever they are texted. */
export const contactsChanged = conversationsChanged;
/** A paused sender shows in the badges and on the first page too. */
export const sendersChanged = (client: QueryClient) =>
  outdated(client, [
    '/api/senders',
    '/api/senders/{id}',
    '/api/senders/{id}/credentials',
    '/api/inbox',
    '/api/analytics/dashboard',
  ]);
/** What WhatsApp approved shows in the templates that name it. */
export const templatesChanged = (client: QueryClient) =>
  outdated(client, ['/api/whatsapp-templates', '/api/templates', '/api/templates/{id}', '/api/templates/preview']);
export const textTemplatesChanged = (client: QueryClient) =>
  outdated(client, ['/api/templates', '/api/templates/{id}']);
/** Who is in a segment shows in the contacts too. */
export const segmentsChanged = (client: QueryClient) =>
  outdated(client, ['/api/segments', '/api/segments/{id}', '/api/segments/count', '/api/contacts']);
export const linksChanged = (client: QueryClient) =>
  outdated(client, ['/api/links', '/api/links/{id}', '/api/links/settings']);
export const campaignsChanged = (client: QueryClient) =>
  outdated(client, ['/api/campaigns', '/api/campaigns/{id}', '/api/campaigns/{id}/targets']);
/** Looks at texts that are being written hold the price. */
export const pricesChanged = (client: QueryClient) =>
  outdated(client, ['/api/message-prices', '/api/messages/preview', '/api/templates/preview']);
export const knowledgeChanged = (client: QueryClient) => outdated(client, ['/api/knowledge']);
export const webhooksChanged = (client: QueryClient) =>
  outdated(client, [
    '/api/webhook-endpoints',
    '/api/webhook-endpoints/{id}',
    '/api/webhook-endpoints/{id}/deliveries',
    '/api/webhook-deliveries/{id}',
  ]);
export const assistantChanged = (client: QueryClient) =>
  outdated(client, ['/api/assistant/settings', '/api/assistant/providers', '/api/assistant/usage', '/api/inbox']);

/** Members, roles and invitations show each other's names and numbers. */
export const staffChanged = (client: QueryClient) =>
  outdated(client, ['/api/users', '/api/roles', '/api/invitations', '/api/audit', '/api/installation/users']);
export const apiKeysChanged = (client: QueryClient) => outdated(client, ['/api/api-keys', '/api/audit']);
export const organizationChanged = (client: QueryClient) =>
  outdated(client, ['/api/organization', '/api/organizations', '/api/admin/auth/me', '/api/audit']);
/** A message of the team that is sent, changed or read shows in all of these. */
export const teamChanged = (client: QueryClient) =>
  outdated(client, [
    '/api/team/messages/history',
    '/api/team/messages/received',
    '/api/team/messages/unread-count',
    '/api/inbox',
  ]);

export const reportsChanged = (client: QueryClient) =>
  outdated(client, [
    '/api/reports',
    '/api/reports/mine',
    '/api/reports/{id}',
    '/api/reports/{id}/comments',
    '/api/reports/{id}/history',
    '/api/inbox',
  ]);
/** Whoever is erased is gone from every list. */
export const contactErased = (client: QueryClient) =>
  outdated(client, [...TOUCHED_BY_CONVERSATIONS.filter((path) => !path.includes('{id}')), ...TOUCHED_BY_BOOKINGS]);
/** Whoever was merged has their texts, appointments and reports shown with another. */
export const contactsMerged = (client: QueryClient) =>
  outdated(client, [...TOUCHED_BY_CONVERSATIONS, ...TOUCHED_BY_BOOKINGS, '/api/reports', '/api/reports/{id}']);
/** An override shows beside its rule, in the history, and in what is decided for a number; so does a cap. */
export const quietHoursChanged = (client: QueryClient) =>
  outdated(client, [
    '/api/compliance/rules',
    '/api/compliance/overrides',
    '/api/compliance/check',
    '/api/compliance/frequency-cap',
  ]);
export const privacyChanged = (client: QueryClient) => outdated(client, ['/api/privacy/settings']);

/** What shows rows of a kind, by the paths of requests. */
type Shown = {
  /** Any of the rows may be in it. */
  any?: readonly string[];
  /** Only about the row that it names, by its path or `conversation_id`. */
  named?: readonly string[];
  /** Only about rows that are in it already. */
  holding?: readonly string[];
};

const shows = (...any: string[]): Shown => ({ any });

/** Where a change of which the server tells is seen. */
const SHOWN: Record<LiveKind, Shown> = {
  ai_provider: shows('/api/assistant/providers', '/api/assistant/settings', '/api/assistant/usage', '/api/inbox'),
  api_key: shows('/api/api-keys'),
  appointment: { any: TOUCHED_BY_BOOKINGS.filter((path) => !path.includes('{id}')), named: ['/api/appointments/{id}'] },
  assistant_settings: shows('/api/assistant/settings', '/api/inbox'),
  audit_entry: shows('/api/audit'),
  availability: shows('/api/availability', '/api/slots'),
  campaign: { any: ['/api/campaigns'], named: ['/api/campaigns/{id}', '/api/analytics/campaigns/{id}'] },
  closed_days: shows('/api/availability/exceptions', '/api/slots'),
  contact: {
    any: ['/api/contacts', '/api/contacts/duplicates', '/api/conversations', '/api/suppressions', '/api/inbox'],
    named: ['/api/contacts/{id}', '/api/contacts/{id}/consent', '/api/contacts/{id}/timeline'],
  },
  contact_import: { any: ['/api/contacts/imports'], named: ['/api/contacts/imports/{id}'] },
  conversation: {
    any: ['/api/conversations', '/api/contacts', '/api/inbox', '/api/analytics/dashboard'],
    named: ['/api/conversations/{id}', '/api/conversations/{id}/turns', '/api/messages'],
  },
  disclosure: shows('/api/compliance/disclosures'),
  frequency_cap: shows('/api/compliance/frequency-cap'),
  installation_suppression: shows('/api/installation/suppressions'),
  installation_user: shows('/api/installation/users'),
  invitation: shows('/api/invitations'),
  job: shows('/api/jobs'),
  knowledge_entry: shows('/api/knowledge', '/api/knowledge/{id}'),
  link: shows('/api/links', '/api/links/{id}'),
  link_settings: shows('/api/links/settings'),
  message: { any: ['/api/analytics/dashboard'], holding: ['/api/messages'], named: ['/api/messages/{id}/receipt'] },
  message_prices: shows('/api/message-prices', '/api/messages/preview'),
  opt_out_review: shows('/api/opt-out-reviews', '/api/inbox'),
  organization: shows('/api/organization', '/api/organizations', '/api/admin/auth/me'),
  privacy_settings: shows('/api/privacy/settings'),
  provider: { any: ['/api/providers', '/api/slots', '/api/appointments'], named: ['/api/providers/{id}'] },
  quiet_hours_override: shows('/api/compliance/rules', '/api/compliance/overrides', '/api/compliance/check'),
  report: {
    any: ['/api/reports', '/api/reports/mine', '/api/inbox'],
    named: ['/api/reports/{id}', '/api/reports/{id}/comments', '/api/reports/{id}/history'],
  },
  role: shows('/api/roles', '/api/users'),
  segment: shows('/api/segments', '/api/segments/{id}'),
  sender: { any: ['/api/senders', '/api/inbox', '/api/analytics/dashboard'], named: ['/api/senders/{id}'] },
  sender_credentials: shows('/api/senders/{id}', '/api/senders/{id}/credentials'),
  service: { any: ['/api/services', '/api/slots', '/api/appointments'], named: ['/api/services/{id}'] },
  simulation: shows('/api/simulator/clock', ...TOUCHED_BY_CALENDAR, ...TOUCHED_BY_CONVERSATIONS),
  simulator_fault: shows('/api/simulator/faults'),
  slot: shows('/api/slots'),
  suppression: shows('/api/suppressions', '/api/suppressions/batches'),
  suppression_batch: shows('/api/suppressions', '/api/suppressions/batches'),
  team_message: shows(
    '/api/team/messages/history',
    '/api/team/messages/received',
    '/api/team/messages/unread-count',
    '/api/inbox',
  ),
  template: { any: ['/api/templates'], named: ['/api/templates/{id}'] },
  user: shows('/api/users', '/api/roles'),
  webhook_delivery: shows('/api/webhook-endpoints/{id}/deliveries', '/api/webhook-deliveries/{id}'),
  webhook_endpoint: shows('/api/webhook-endpoints', '/api/webhook-endpoints/{id}'),
  whatsapp_template: shows('/api/whatsapp-templates', '/api/whatsapp-templates/{id}'),
};

const TOLD = new Set(Object.values(SHOWN).flatMap(({ any, named, holding }) => [any, named, holding].flat()));

/** Whether the server tells of changes in what the request shows. */
export const isTold = (path: string): boolean => TOLD.has(path);

/** The rows that a request names; none where it is about many. */
function named(init: unknown): string[] {
  const { path, query } = (init as { params?: Record<string, Record<string, unknown>> } | undefined)?.params ?? {};
  return [path?.id, query?.conversation_id].filter((id) => typeof id === 'string');
}

/** Whether a row of one of these ids was loaded: in a list, a page of one, or alone. */
function holds(data: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { id, items, pages } = data as { id?: unknown; items?: unknown[]; pages?: unknown[] };
  if (typeof id === 'string') return ids.has(id);
  return (items ?? pages ?? []).some((one) => holds(one, ids));
}

/** Whether the note is about what the query shows. */
export function concerns({ kind, ids }: LiveNote, queryKey: readonly unknown[], data: unknown): boolean {
  // A later version of the server may know more kinds; the page is soon reloaded.
  const shown: Shown | undefined = SHOWN[kind];
  const path = String(queryKey[1]);
  if (!shown) return false;
  if (shown.any?.includes(path)) return true;
  if (shown.named?.includes(path)) {
    const own = named(queryKey[2]);
    return !ids || own.length === 0 || own.some((id) => ids.includes(id));
  }
  return Boolean(shown.holding?.includes(path)) && (!ids || holds(data, new Set(ids)));
}
