import { useMemo } from 'react';
import { api } from '@/api/client';
import type { Appointment, Contact, Conversation, Message, Turn } from '@/api/types';
import { claimsTime } from '@/lib/labels';

/** While the tab is visible; TanStack Query stops intervals in hidden tabs by itself. */
const POLL = { refetchInterval: 700, refetchIntervalInBackground: false, staleTime: 0 } as const;

export type Simulation = {
  contact: Contact | undefined;
  conversation: Conversation | undefined;
  messages: Message[];
  turns: Turn[];
  appointments: Appointment[];
  /** Nothing known about this number yet. */
  loading: boolean;
  error: unknown;
  retry: () => void;
};

/** Everything the server knows about one pretend phone, kept fresh. */
export function useSimulation(from: string): Simulation {
  const contacts = api.useQuery('get', '/api/contacts', { params: { query: { phone_number: from, limit: 1 } } }, POLL);
  const contact = contacts.data?.items[0];
  const contactId = contact?.id ?? '';
  const known = { ...POLL, enabled: contactId !== '' };

  const messages = api.useQuery(
    'get',
    '/api/messages',
    { params: { query: { contact_id: contactId, limit: 100 } } },
    known,
  );
  const conversations = api.useQuery(
    'get',
    '/api/conversations',
    { params: { query: { contact_id: contactId, limit: 1 } } },
    known,
  );
  const appointments = api.useQuery(
    'get',
    '/api/appointments',
    { params: { query: { contact_id: contactId, limit: 50 } } },
    known,
  );
  const conversation = conversations.data?.items[0];
  const turns = api.useQuery(
    'get',
    '/api/conversations/{id}/turns',
    { params: { path: { id: conversation?.id ?? '' }, query: { limit: 50 } } },
    { ...POLL, enabled: conversation !== undefined },
  );

  const newestFirst = messages.data?.items;
  const oldestFirst = useMemo(() => (newestFirst ? [...newestFirst].reverse() : []), [newestFirst]);
  const booked = appointments.data?.items;
  const upcoming = useMemo(
    () =>
      (booked ?? [])
        .filter((a) => claimsTime(a.status) && Date.parse(a.end_time) > Date.now())
        .sort((a, b) => a.start_time.localeCompare(b.start_time)),
    [booked],
  );

  return {
    contact,
    conversation,
    messages: oldestFirst,
    turns: turns.data?.items ?? [],
    appointments: upcoming,
    loading: contacts.isPending || (contact !== undefined && messages.isPending),
    error: contacts.error ?? messages.error ?? conversations.error ?? appointments.error ?? turns.error,
    retry: () => {
      for (const query of [contacts, messages, conversations, appointments, turns]) {
        if (query.isError) void query.refetch();
      }
    },
  };
}
