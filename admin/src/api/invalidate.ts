import type { QueryClient } from '@tanstack/react-query';

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
export const templatesChanged = (client: QueryClient) => outdated(client, ['/api/whatsapp-templates']);
/** Looks at texts that are being written hold the price. */
export const pricesChanged = (client: QueryClient) =>
  outdated(client, ['/api/message-prices', '/api/messages/preview']);
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
/** An override shows beside its rule, in the history, and in what is decided for a number; so does a cap. */
export const quietHoursChanged = (client: QueryClient) =>
  outdated(client, [
    '/api/compliance/rules',
    '/api/compliance/overrides',
    '/api/compliance/check',
    '/api/compliance/frequency-cap',
  ]);
export const privacyChanged = (client: QueryClient) => outdated(client, ['/api/privacy/settings']);
