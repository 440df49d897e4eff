import { useMemo } from 'react';
import { api } from '@/api/client';
import { useAhead } from '@/api/clock';
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
  // By id: in the order in which it happened, also where somebody set the clock back meanwhile.
  const oldestFirst = useMemo(
    () => (newestFirst ? [...newestFirst].sort((a, b) => (a.id < b.id ? -1 : 1)) : []),
    [newestFirst],
  );
  const booked = appointments.data?.items;
  const ahead = useAhead();
  const upcoming = useMemo(
    () =>
      (booked ?? [])
        .filter((a) => claimsTime(a.status) && Date.parse(a.end_time) > Date.now() + ahead)
        .sort((a, b) => a.start_time.localeCompare(b.start_time)),
    [booked, ahead],
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
