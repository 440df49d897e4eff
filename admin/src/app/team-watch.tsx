import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconMessage } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { api } from '@/api/client';
import { useInbox } from '@/api/inbox';
import { useMay, useMe } from '@/api/session';
import type { TeamMessage } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { newIds } from '@/lib/waiting';
import { showDesktopAlert } from './desktop-alerts';

const unreadOnes = api.queryOptions(
  'get',
  '/api/team/messages/received',
  { params: { query: { unread: true, limit: 20 } } },
  { staleTime: 0, retry: false },
);

function announce(message: TeamMessage, open: () => void) {
  const id = `team-${message.id}`;
  const title = `${message.sender.display_name ?? 'The assistant'} wrote to you`;
  notifications.show({
    id,
    title,
    color: 'petrol',
    icon: <IconMessage size={18} />,
    autoClose: 12_000,
    message: (
      <>
        <Text size="sm" lineClamp={2}>
          {message.body}
        </Text>
        <AnchorLink to="/team" search={{ with: message.sender.id }} size="sm" fw={600}>
          Open the messages
        </AnchorLink>
      </>
    ),
  });
  if (document.hidden) showDesktopAlert({ tag: id, title, body: message.body ?? '', onClick: open });
}

/** Says once when a colleague wrote, except to who has their messages open. Draws nothing itself. */
export function TeamWatch() {
  const client = useQueryClient();
  const navigate = useNavigate();
  // A superuser who visits has no messages here.
  const member = Boolean(useMe().user?.role);
  const writes = useMay('team.write') && member;
  const unread = useInbox()?.unread_team_messages;
  const onScreen = useLocation({
    select: ({ pathname, search }) => (pathname.endsWith('/team') && 'with' in search ? search.with : undefined),
  });
  const seen = useRef<ReadonlySet<string> | null>(null);

  const heard = useEffectEvent((messages: TeamMessage[]) => {
    const change = newIds(seen.current, messages);
    seen.current = change.seen;
    for (const message of change.fresh) {
      const { id } = message.sender;
      if (!document.hidden && onScreen === id) continue;
      announce(message, () => void navigate({ to: '/team', search: { with: id } }));
    }
  });

  useEffect(() => {
    if (!writes || unread === undefined) return undefined;
    let current = true;
    const look = unread === 0 ? Promise.resolve([]) : client.fetchQuery(unreadOnes).then((page) => page.items);
    look.then(
      (messages) => {
        if (current) heard(messages);
      },
      // The next change of the count looks again.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [client, unread, writes]);

  return null;
}
