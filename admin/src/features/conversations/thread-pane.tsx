import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconArchive,
  IconArchiveOff,
  IconArrowLeft,
  IconCheck,
  IconDotsVertical,
  IconHandStop,
  IconMessageCircleQuestion,
  IconSparkles,
  IconUser,
  IconUserCheck,
  IconUserOff,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { api, keyset } from '@/api/client';
import { conversationsChanged } from '@/api/invalidate';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMay, useMe, useZone } from '@/api/session';
import type { Conversation } from '@/api/types';
import { ConversationStateBadge, ModeBadge, Pill } from '@/components/badges';
import { ActionIconLink, AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore } from '@/components/states';
import { Thread } from '@/components/thread';
import { stateSentence, whoAnswers } from '@/lib/dialogue';
import { channel, waitingReason } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { Composer } from './composer';
import classes from './conversations.module.css';

function ModeButton({ conversation }: { conversation: Conversation }) {
  const client = useQueryClient();
  const human = conversation.mode === 'human';
  const change = api.useMutation('put', '/api/conversations/{id}/mode', {
    onSuccess: () => conversationsChanged(client),
    onError: (error) =>
      notifyProblem(human ? 'Couldn’t release the conversation' : 'Couldn’t take it over', toProblem(error)),
  });
  return (
    <Button
      size="xs"
      variant={human ? 'light' : 'default'}
      leftSection={human ? <IconSparkles size={15} /> : <IconHandStop size={15} />}
      loading={change.isPending}
      onClick={() =>
        change.mutate({ params: { path: { id: conversation.id } }, body: { mode: human ? 'bot' : 'human' } })
      }
    >
      {human ? 'Release to the assistant' : 'Take over'}
    </Button>
  );
}

type Give = (id: string, name: string) => void;

/** The colleagues a conversation can be given to, for whoever may see who they are. */
function Colleagues({ except, onChoose }: { except: readonly (string | undefined)[]; onChoose: Give }) {
  const { data } = api.useQuery(
    'get',
    '/api/users',
    { params: { query: { status: 'active', limit: 200 } } },
    { staleTime: 60_000 },
  );
  const others = (data?.items ?? []).filter((member) => !except.includes(member.id));
  if (others.length === 0) return null;
  return (
    <>
      <Menu.Label>Assign to</Menu.Label>
      <div className={classes.colleagues}>
        {others.map((member) => (
          <Menu.Item
            key={member.id}
            leftSection={<IconUser size={16} />}
            onClick={() => onChoose(member.id, member.display_name)}
          >
            {member.display_name}
          </Menu.Item>
        ))}
      </div>
      <Menu.Divider />
    </>
  );
}

/** Whose it is, and whether it is put away. */
function HandlingMenu({ conversation }: { conversation: Conversation }) {
  const client = useQueryClient();
  const me = useMe().user;
  const seesStaff = useMay('users.read');
  const [opened, setOpened] = useState(false);
  const change = api.useMutation('patch', '/api/conversations/{id}', {
    onError: (error) => {
      const problem = toProblem(error);
      const title =
        problem.code === 'version_conflict'
          ? 'Somebody else changed it: look again'
          : 'Couldn’t change the conversation';
      notifyProblem(title, problem);
    },
    onSettled: () => conversationsChanged(client),
  });
  const send = (body: { assignee_id?: string | null; archived?: boolean }, done: string) =>
    change.mutate(
      {
        params: { path: { id: conversation.id } },
        headers: { 'If-Match': `"${conversation.version}"` },
        body,
      },
      { onSuccess: () => notifyDone(done, personName(conversation.contact)) },
    );
  const archived = Boolean(conversation.archived_at);
  return (
    <Menu position="bottom-end" withinPortal opened={opened} onChange={setOpened}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} loading={change.isPending} aria-label="Assign or archive">
          <IconDotsVertical size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {me?.role && conversation.assignee?.id !== me.id && (
          <Menu.Item
            leftSection={<IconUserCheck size={16} />}
            onClick={() => send({ assignee_id: me.id }, 'Assigned to you')}
          >
            Assign to me
          </Menu.Item>
        )}
        {opened && seesStaff && (
          <Colleagues
            except={[me?.id, conversation.assignee?.id]}
            onChoose={(id, name) => send({ assignee_id: id }, `Assigned to ${name}`)}
          />
        )}
        {conversation.assignee && (
          <Menu.Item
            leftSection={<IconUserOff size={16} />}
            onClick={() => send({ assignee_id: null }, 'Assigned to nobody')}
          >
            Take from {conversation.assignee.display_name}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={archived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
          onClick={() => send({ archived: !archived }, archived ? 'Taken out of the archive' : 'Archived')}
        >
          {archived ? 'Unarchive' : 'Archive'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Somebody waits: since when, for what, and a way to say that it is dealt with without writing. */
function WaitingBanner({ conversation, since }: { conversation: Conversation; since: string }) {
  const client = useQueryClient();
  const writes = useMay('conversations.write');
  const attend = api.useMutation('post', '/api/conversations/{id}/attended', {
    onSuccess: () => conversationsChanged(client),
    onError: (error) => notifyProblem('Couldn’t mark it as attended', toProblem(error)),
  });
  const { label, hint } = waitingReason(conversation.waiting_reason ?? '');
  return (
    <div className={classes.waiting} role="status" data-testid="waiting-banner">
      <IconMessageCircleQuestion size={19} aria-hidden />
      <p>
        <strong>{label || 'Waiting for a person'}</strong> <RelativeTime value={since} />.{hint && ` ${hint}`}
      </p>
      {writes && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconCheck size={15} />}
          loading={attend.isPending}
          onClick={() => attend.mutate({ params: { path: { id: conversation.id } } })}
        >
          Mark as attended
        </Button>
      )}
    </div>
  );
}

function Header({ conversation }: { conversation: Conversation | undefined }) {
  const zone = useZone();
  const writes = useMay('conversations.write');
  return (
    <header className={classes.threadHeader}>
      <ActionIconLink
        to="/conversations"
        search={({ filter, q }) => ({ filter, q })}
        variant="subtle"
        color="gray"
        className={classes.back}
        aria-label="Back to all conversations"
      >
        <IconArrowLeft size={19} />
      </ActionIconLink>
      {conversation && (
        <>
          <div className={classes.threadTitle}>
            <h2>
              <AnchorLink to="/contacts/$contactId" params={{ contactId: conversation.contact_id }} inherit>
                {personName(conversation.contact)}
              </AnchorLink>
              <span className={classes.threadTags}>
                <ModeBadge value={conversation.mode} data-testid="conversation-mode" />
                <ConversationStateBadge value={conversation.state} data-testid="conversation-state" />
                <Pill tone="neutral" dot={false}>
                  {channel(conversation.channel).label}
                </Pill>
                {conversation.assignee && (
                  <Pill tone="neutral" dot={false} data-testid="assignee">
                    {conversation.assignee.display_name}
                  </Pill>
                )}
                {conversation.archived_at && (
                  <Pill tone="neutral" dot={false} data-testid="archived">
                    Archived
                  </Pill>
                )}
              </span>
            </h2>
            <p>
              {conversation.mode === 'human'
                ? whoAnswers(conversation, zone)
                : stateSentence(conversation.state, conversation.dialogue, zone)}
            </p>
          </div>
          {writes && <ModeButton conversation={conversation} />}
          {writes && <HandlingMenu conversation={conversation} />}
        </>
      )}
    </header>
  );
}

type ThreadPaneProps = { id: string; draft: string; onDraft: (text: string) => void };

export function ThreadPane({ id, draft, onDraft }: ThreadPaneProps) {
  const scroller = useRef<HTMLElement>(null);
  const poll = { refetchInterval: usePoll(4_000) };
  const details = api.useQuery('get', '/api/conversations/{id}', { params: { path: { id } } }, poll);
  const query = api.useInfiniteQuery(
    'get',
    '/api/messages',
    { params: { query: { conversation_id: id, limit: 50 } } },
    { ...keyset, ...poll },
  );
  const turns = api.useQuery(
    'get',
    '/api/conversations/{id}/turns',
    { params: { path: { id }, query: { limit: 200 } } },
    poll,
  );
  const messages = query.data?.pages.flatMap((page) => page.items).reverse() ?? [];
  const newest = messages.at(-1)?.id;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text at the bottom, not an older page, moves the view.
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [newest]);

  if (details.error && !details.data) {
    return <ErrorState error={details.error} onRetry={() => details.refetch()} title="This conversation didn’t load" />;
  }
  const conversation = details.data;
  return (
    <>
      <Header conversation={conversation} />
      {conversation?.waiting_since && <WaitingBanner conversation={conversation} since={conversation.waiting_since} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section ref={scroller} className={classes.scroll} tabIndex={0} aria-label="Messages">
        <ListState query={query} isEmpty={messages.length === 0} empty={<EmptyState title="No messages yet" />}>
          <LoadMore query={query} label="Load earlier messages" />
          <Thread messages={messages} turns={turns.data?.items} />
        </ListState>
      </section>
      {conversation && (
        <footer className={classes.threadFoot}>
          <Composer key={conversation.id} conversation={conversation} text={draft} onText={onDraft} />
          <p className={classes.numbers}>
            <PhoneNumber value={conversation.contact.phone_number} /> texts{' '}
            <PhoneNumber value={conversation.sender_address} />
          </p>
        </footer>
      )}
    </>
  );
}
