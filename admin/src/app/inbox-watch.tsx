import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconMessageCircleQuestion } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { api } from '@/api/client';
import { useInboxPoll } from '@/api/inbox';
import { useMay } from '@/api/session';
import type { Conversation } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { waitingReason } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { newlyWaiting } from '@/lib/waiting';
import { showDesktopAlert } from './desktop-alerts';

const whoWaits = api.queryOptions(
  'get',
  '/api/conversations',
  { params: { query: { waiting: true, limit: 100 } } },
  { staleTime: 0, retry: false },
);

const toastOf = (conversationId: string) => `waiting-${conversationId}`;

function announce(conversation: Conversation, open: () => void) {
  const id = toastOf(conversation.id);
  const title = `${personName(conversation.contact)} is waiting`;
  const reason = waitingReason(conversation.waiting_reason ?? '').label;
  notifications.show({
    id,
    title,
    color: 'brass.6',
    icon: <IconMessageCircleQuestion size={18} />,
    autoClose: 20_000,
    message: (
      <>
        {reason && <Text size="sm">{reason}.</Text>}
        <AnchorLink to="/conversations" search={{ id: conversation.id }} size="sm" fw={600}>
          Open the conversation
        </AnchorLink>
      </>
    ),
  });
  if (document.hidden) showDesktopAlert({ tag: id, title, body: reason, onClick: open });
}

/** Keeps the badges fresh, and says once when somebody starts to wait for a person. Draws nothing itself. */
export function InboxWatch({ desktopAlerts }: { desktopAlerts: boolean }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const reads = useMay('conversations.read');
  const { data: inbox, dataUpdatedAt } = useInboxPoll(desktopAlerts);
  const onScreen = useLocation({ select: ({ search }) => ('id' in search ? search.id : undefined) });
  const seen = useRef<ReadonlySet<string> | null>(null);
  const announced = useRef(new Set<string>());

  const withdraw = (conversationId: string) => {
    if (announced.current.delete(conversationId)) notifications.hide(toastOf(conversationId));
  };

  const heard = useEffectEvent((waiting: Conversation[]) => {
    const change = newlyWaiting(seen.current, waiting);
    seen.current = change.seen;
    // Somebody else has seen to these.
    for (const id of [...announced.current]) if (!waiting.some((c) => c.id === id)) withdraw(id);
    for (const conversation of change.fresh) {
      if (!document.hidden && onScreen === conversation.id) continue;
      announced.current.add(conversation.id);
      announce(conversation, () => void navigate({ to: '/conversations', search: { id: conversation.id } }));
    }
  });

  const opened = useEffectEvent(withdraw);
  useEffect(() => {
    if (onScreen) opened(onScreen);
  }, [onScreen]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer of the poller is a reason to look, also an equal one.
  useEffect(() => {
    if (!inbox || !reads) return undefined;
    let current = true;
    const look = inbox.waiting === 0 ? Promise.resolve([]) : client.fetchQuery(whoWaits).then((page) => page.items);
    look.then(
      (waiting) => {
        if (current) heard(waiting);
      },
      // The next answer of the poller looks again.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [dataUpdatedAt]);

  return null;
}
