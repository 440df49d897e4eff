import { IconArrowLeft, IconMessages } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useLayoutEffect, useRef } from 'react';
import { api, keyset } from '@/api/client';
import { useZone } from '@/api/session';
import type { Conversation } from '@/api/types';
import { ConversationStateBadge, ModeBadge, Pill } from '@/components/badges';
import { ActionIconLink, AnchorLink, ButtonLink } from '@/components/links';
import { Page } from '@/components/page';
import { PersonAvatar, PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { Thread } from '@/components/thread';
import { stateSentence } from '@/lib/dialogue';
import { channel } from '@/lib/labels';
import { personName } from '@/lib/phone';
import classes from './conversations.module.css';

const route = getRouteApi('/app/conversations');

function Row({ conversation, selected }: { conversation: Conversation; selected: boolean }) {
  const { last_message: last } = conversation;
  return (
    <li>
      <Link
        to="/conversations"
        search={{ id: conversation.id }}
        className={classes.row}
        data-selected={selected || undefined}
        aria-current={selected ? 'true' : undefined}
        data-testid="conversation-row"
      >
        <PersonAvatar person={conversation.contact} size={38} />
        <span className={classes.rowText}>
          <span className={classes.rowTop}>
            <span className={classes.name}>{personName(conversation.contact)}</span>
            <RelativeTime value={last?.created_at ?? conversation.updated_at} className={classes.when} />
          </span>
          <span className={classes.snippet}>
            {last ? `${last.direction === 'outbound' ? 'You: ' : ''}${last.body}` : 'No texts yet'}
          </span>
          <span className={classes.tags}>
            <ConversationStateBadge value={conversation.state} />
            {conversation.mode === 'human' && <ModeBadge value="human" />}
          </span>
        </span>
      </Link>
    </li>
  );
}

function ThreadPane({ id }: { id: string }) {
  const zone = useZone();
  const scroller = useRef<HTMLElement>(null);
  const details = api.useQuery(
    'get',
    '/api/conversations/{id}',
    { params: { path: { id } } },
    { refetchInterval: 4_000 },
  );
  const query = api.useInfiniteQuery(
    'get',
    '/api/messages',
    { params: { query: { conversation_id: id, limit: 50 } } },
    { ...keyset, refetchInterval: 4_000 },
  );
  const turns = api.useQuery(
    'get',
    '/api/conversations/{id}/turns',
    { params: { path: { id }, query: { limit: 200 } } },
    { refetchInterval: 4_000 },
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
      <header className={classes.threadHeader}>
        <ActionIconLink
          to="/conversations"
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
              </h2>
              <p>{stateSentence(conversation.state, conversation.dialogue, zone)}</p>
            </div>
            <div className={classes.threadTags}>
              <ConversationStateBadge value={conversation.state} data-testid="conversation-state" />
              <ModeBadge value={conversation.mode} />
              <Pill tone="neutral" dot={false}>
                {channel(conversation.channel).label}
              </Pill>
            </div>
          </>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section ref={scroller} className={classes.scroll} tabIndex={0} aria-label="Messages">
        <ListState query={query} isEmpty={messages.length === 0} empty={<EmptyState title="No messages yet" />}>
          <LoadMore query={query} label="Load earlier messages" />
          <Thread messages={messages} turns={turns.data?.items} />
        </ListState>
      </section>
      {conversation && (
        <footer className={classes.threadFoot}>
          <PhoneNumber value={conversation.contact.phone_number} /> texts{' '}
          <PhoneNumber value={conversation.sender_address} />
        </footer>
      )}
    </>
  );
}

export function ConversationsPage() {
  const { id } = route.useSearch();
  const query = api.useInfiniteQuery(
    'get',
    '/api/conversations',
    { params: { query: { limit: 50 } } },
    { ...keyset, refetchInterval: 4_000 },
  );
  const conversations = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page wide title="Conversations" description="Every thread, and why each answer was given.">
      <div className={classes.panes} data-open={id !== undefined || undefined}>
        <section className={classes.list} aria-label="All conversations">
          <ListState
            query={query}
            isEmpty={conversations.length === 0}
            skeleton={<SkeletonRows height={68} />}
            empty={
              <EmptyState icon={<IconMessages size={24} stroke={1.7} />} title="No conversations yet">
                They start with a text.
                <div>
                  <ButtonLink to="/simulator" mt="md" variant="light">
                    Send one in the Simulator
                  </ButtonLink>
                </div>
              </EmptyState>
            }
          >
            <ul>
              {conversations.map((conversation) => (
                <Row key={conversation.id} conversation={conversation} selected={conversation.id === id} />
              ))}
            </ul>
            <LoadMore query={query} />
          </ListState>
        </section>
        <section className={classes.thread} aria-label="Conversation">
          {id ? (
            <ThreadPane key={id} id={id} />
          ) : (
            <EmptyState icon={<IconMessages size={24} stroke={1.7} />} title="Choose a conversation">
              Its texts and the reason for each answer show here.
            </EmptyState>
          )}
        </section>
      </div>
    </Page>
  );
}
