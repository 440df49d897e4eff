import { SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { IconMessages, IconSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { useInbox } from '@/api/inbox';
import { useMe } from '@/api/session';
import type { Conversation, Inbox } from '@/api/types';
import { ConversationStateBadge, ModeBadge, Pill } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { Page } from '@/components/page';
import { PausedSenders } from '@/components/paused-senders';
import { PersonAvatar } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { contactStatus, waitingReason } from '@/lib/labels';
import { personName } from '@/lib/phone';
import classes from './conversations.module.css';
import { FILTERS, type Filter } from './search';
import { ThreadPane } from './thread-pane';

const route = getRouteApi('/app/conversations');

type Narrowed = { waiting?: boolean; mode?: 'human'; assignee_id?: string; archived?: boolean };

const QUERIES: Record<Filter, (me: string) => Narrowed> = {
  waiting: () => ({ waiting: true }),
  human: () => ({ mode: 'human' }),
  mine: (me) => ({ assignee_id: me }),
  archived: () => ({ archived: true }),
};

const WRITTEN_BY = { contact: '', assistant: 'Assistant: ', staff: 'Team: ', program: 'Program: ' };

function Row({ conversation, selected }: { conversation: Conversation; selected: boolean }) {
  const { last_message: last, waiting_since: since } = conversation;
  return (
    <li>
      <Link
        to="/conversations"
        search={(old) => ({ ...old, id: conversation.id })}
        className={classes.row}
        data-selected={selected || undefined}
        aria-current={selected ? 'true' : undefined}
        data-testid="conversation-row"
        data-waiting={since ? true : undefined}
      >
        <PersonAvatar person={conversation.contact} size={38} />
        <span className={classes.rowText}>
          <span className={classes.rowTop}>
            <span className={classes.name}>{personName(conversation.contact)}</span>
            <RelativeTime value={last?.created_at ?? conversation.updated_at} className={classes.when} />
          </span>
          <span className={classes.snippet}>
            {last ? `${WRITTEN_BY[last.author]}${last.body || 'a file'}` : 'No texts yet'}
          </span>
          <span className={classes.tags}>
            {since && (
              <Pill tone="warn" data-testid="waiting">
                <span>
                  {waitingReason(conversation.waiting_reason ?? '').label || 'Waiting'}, <RelativeTime value={since} />
                </span>
              </Pill>
            )}
            {conversation.mode === 'human' && <ModeBadge value="human" />}
            {conversation.contact_status !== 'ok' && (
              <Pill tone="bad">{contactStatus(conversation.contact_status).label}</Pill>
            )}
            {conversation.assignee && conversation.mode === 'bot' && (
              <Pill tone="neutral" dot={false}>
                {conversation.assignee.display_name}
              </Pill>
            )}
            {!since && <ConversationStateBadge value={conversation.state} />}
          </span>
        </span>
      </Link>
    </li>
  );
}

function filterChoices(inbox: Inbox | undefined) {
  const counted = (label: string, count: number | undefined) => (count ? `${label} (${count})` : label);
  return [
    { value: 'all', label: 'All' },
    { value: 'waiting', label: counted('Waiting', inbox?.waiting) },
    { value: 'human', label: counted('With a person', inbox?.human) },
    { value: 'mine', label: 'Mine' },
    { value: 'archived', label: 'Archived' },
  ];
}

function NoConversations({ filter, q }: { filter: Filter | undefined; q: string | undefined }) {
  const icon = <IconMessages size={24} stroke={1.7} />;
  if (q) {
    return (
      <EmptyState icon={<IconSearch size={22} />} title={`Nobody matches “${q}”`}>
        Try part of a name or of the number.
      </EmptyState>
    );
  }
  if (filter === 'mine') {
    return (
      <EmptyState icon={icon} title="No conversation is yours">
        Take one over, or assign it to yourself.
      </EmptyState>
    );
  }
  if (filter === 'archived') {
    return (
      <EmptyState icon={icon} title="Nothing is archived">
        What you archive waits here until the contact texts again.
      </EmptyState>
    );
  }
  if (filter === 'waiting') {
    return (
      <EmptyState icon={icon} title="Nobody is waiting">
        Whoever asks for a person, or asks what the assistant can’t answer, shows here.
      </EmptyState>
    );
  }
  if (filter === 'human') {
    return (
      <EmptyState icon={icon} title="No conversation is with a person">
        Write in one, or take it over, and the assistant keeps quiet there.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={icon} title="No conversations yet">
      They start with a text.
      <div>
        <ButtonLink to="/simulator" mt="md" variant="light">
          Send one in the Simulator
        </ButtonLink>
      </div>
    </EmptyState>
  );
}

export function ConversationsPage() {
  const { id, filter, q } = route.useSearch();
  const navigate = route.useNavigate();
  const inbox = useInbox();
  // Whoever is nobody's assignee, such as a superuser from elsewhere, finds none of their own.
  const me = useMe().user?.id ?? '00000000-0000-0000-0000-000000000000';
  const search = useDebouncedCallback(
    (text: string) => void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined }), replace: true }),
    300,
  );
  // What was typed and not sent, by conversation: looking at another one must not lose it.
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const query = api.useInfiniteQuery(
    'get',
    '/api/conversations',
    { params: { query: { limit: 50, q, ...(filter && QUERIES[filter](me)) } } },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval: 4_000 },
  );
  // A phone shows either the list or one conversation, which then needs all the height there is.
  const narrow = useMediaQuery('(max-width: 62em)', window.matchMedia('(max-width: 62em)').matches, {
    getInitialValueInEffect: false,
  });
  const alone = narrow && id !== undefined;
  const conversations = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      wide
      title="Conversations"
      above={!alone && <PausedSenders />}
      description={!alone && 'Every thread, and why each answer was given.'}
      actions={
        !alone && (
          <div className={classes.filters}>
            <SegmentedControl
              aria-label="Which conversations"
              value={filter ?? 'all'}
              data={filterChoices(inbox)}
              onChange={(value) =>
                void navigate({
                  search: (old) => ({ ...old, filter: FILTERS.find((f) => f === value) }),
                  replace: true,
                })
              }
            />
          </div>
        )
      }
    >
      <div className={classes.panes} data-open={id !== undefined || undefined}>
        <section className={classes.list} aria-label="All conversations">
          <TextInput
            type="search"
            aria-label="Search conversations"
            placeholder="Name or number"
            m="sm"
            leftSection={<IconSearch size={16} aria-hidden />}
            defaultValue={q ?? ''}
            onChange={(event) => search(event.currentTarget.value)}
          />
          <ListState
            query={query}
            isEmpty={conversations.length === 0}
            skeleton={<SkeletonRows height={68} />}
            empty={<NoConversations filter={filter} q={q} />}
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
            <ThreadPane
              key={id}
              id={id}
              draft={drafts[id] ?? ''}
              onDraft={(text) => setDrafts((old) => ({ ...old, [id]: text }))}
            />
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
