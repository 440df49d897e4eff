import { ActionIcon, Button, Menu, Textarea } from '@mantine/core';
import { IconArrowBackUp, IconArrowLeft, IconDots, IconPencil, IconSend2, IconTrash, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { api, keyset } from '@/api/client';
import { teamChanged } from '@/api/invalidate';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import type { TeamMessage } from '@/api/types';
import { Confirm } from '@/components/confirm';
import { ActionIconLink } from '@/components/links';
import { notifyProblem } from '@/components/notify';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { ASSISTANT, firstLine, LIMIT, lastRead, quoted, sendable, sendsOn } from './rules';
import classes from './team.module.css';

type BubbleProps = {
  message: TeamMessage;
  mine: boolean;
  quote: TeamMessage | undefined;
  read: boolean;
  onAnswer: () => void;
  onEdit: () => void;
};

function OwnMenu({ message, onEdit }: { message: TeamMessage; onEdit: () => void }) {
  const client = useQueryClient();
  const [asks, setAsks] = useState(false);
  const remove = api.useMutation('delete', '/api/team/messages/{id}', {
    onSuccess: () => setAsks(false),
    onSettled: () => teamChanged(client),
    onError: (error) => notifyProblem('Couldn’t take the message back', toProblem(error)),
  });
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label="More about your message">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={onEdit}>
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => setAsks(true)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asks}
        title="Delete this message?"
        confirmLabel="Delete"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={() => setAsks(false)}
        onConfirm={() => remove.mutate({ params: { path: { id: message.id } } })}
      >
        Its words are gone for both of you. That there was a message stays.
      </Confirm>
    </>
  );
}

function Bubble({ message, mine, quote, read, onAnswer, onEdit }: BubbleProps) {
  const gone = message.body === null || message.body === undefined;
  return (
    <li className={classes.line} data-mine={mine || undefined} data-testid="team-message">
      <div className={classes.bubble} data-gone={gone || undefined}>
        {quote && <p className={classes.quote}>{firstLine(quote.body ?? 'Deleted message')}</p>}
        <p className={classes.body}>{gone ? 'Deleted message' : message.body}</p>
      </div>
      <div className={classes.facts}>
        <RelativeTime value={message.created_at} />
        {message.edited_at && !gone && <span>edited</span>}
        {read && <span>read</span>}
        {!gone && (
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Answer this message" onClick={onAnswer}>
            <IconArrowBackUp size={16} />
          </ActionIcon>
        )}
        {mine && !gone && <OwnMenu message={message} onEdit={onEdit} />}
      </div>
    </li>
  );
}

type Aim = { kind: 'answer' | 'edit'; message: TeamMessage };

type ComposerProps = {
  other: string;
  name: string;
  text: string;
  onText: (text: string) => void;
  aim: Aim | undefined;
  onAim: (aim: Aim | undefined) => void;
};

function Composer({ other, name, text, onText, aim, onAim }: ComposerProps) {
  const client = useQueryClient();
  const done = () => {
    onText('');
    onAim(undefined);
  };
  const settled = { onSuccess: done, onSettled: () => teamChanged(client) };
  const send = api.useMutation('post', '/api/team/messages', settled);
  const edit = api.useMutation('patch', '/api/team/messages/{id}', settled);
  const busy = send.isPending || edit.isPending;
  const error = send.error ?? edit.error;
  const problem = error ? toProblem(error) : null;
  const submit = () => {
    if (!sendable(text) || busy) return;
    const body = text.trim();
    if (aim?.kind === 'edit') {
      const header = { 'If-Match': `"${aim.message.version}"` };
      edit.mutate({ params: { path: { id: aim.message.id } }, headers: header, body: { body } });
    } else send.mutate({ body: { recipient: other, body, parent_id: aim?.message.id ?? null } });
  };
  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {aim && (
        <div className={classes.aim}>
          <span>
            {aim.kind === 'edit' ? 'Editing: ' : 'Answering: '}
            {firstLine(aim.message.body ?? '')}
          </span>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={aim.kind === 'edit' ? 'Stop editing' : 'Answer none'}
            onClick={() => {
              if (aim.kind === 'edit') onText('');
              onAim(undefined);
            }}
          >
            <IconX size={15} />
          </ActionIcon>
        </div>
      )}
      <div className={classes.write}>
        <Textarea
          autosize
          minRows={1}
          maxRows={8}
          maxLength={LIMIT}
          className={classes.field}
          aria-label={`Write to ${name}`}
          placeholder={other === ASSISTANT ? 'Who is coming tomorrow?' : `Write to ${name}…`}
          value={text}
          readOnly={busy}
          error={problem && (problem.field('body') ?? problem.message)}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (!sendsOn(event) || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <Button type="submit" leftSection={<IconSend2 size={16} />} loading={busy} disabled={!sendable(text)}>
          {aim?.kind === 'edit' ? 'Save' : 'Send'}
        </Button>
      </div>
    </form>
  );
}

type ThreadProps = { other: string; name: string; unread: number; draft: string; onDraft: (text: string) => void };

export function TeamThread({ other, name, unread, draft, onDraft }: ThreadProps) {
  const client = useQueryClient();
  const me = useMe().user?.id ?? '';
  const scroller = useRef<HTMLElement>(null);
  const [aim, setAim] = useState<Aim>();
  const refetchInterval = usePoll(4_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/team/messages/history',
    { params: { query: { with: other, limit: 50 } } },
    { ...keyset, refetchInterval },
  );
  const { mutate: readAll, isPending: reading } = api.useMutation('post', '/api/team/messages/read-all', {
    onSettled: () => teamChanged(client),
  });
  const messages = query.data?.pages.flatMap((page) => page.items).reverse() ?? [];
  const newest = messages.at(-1)?.id;
  const read = lastRead(messages, me);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message at the bottom, not an older page, moves the view.
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [newest]);

  // What is on screen is read.
  useEffect(() => {
    if (unread > 0 && !reading && !document.hidden) readAll({ params: { query: { from: other } } });
  }, [unread, reading, other, readAll]);

  return (
    <>
      <header className={classes.header}>
        <ActionIconLink
          to="/team"
          search={{}}
          variant="subtle"
          color="gray"
          className={classes.back}
          aria-label="Back to everybody"
        >
          <IconArrowLeft size={19} />
        </ActionIconLink>
        <h2>{name}</h2>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section ref={scroller} className={classes.scroll} tabIndex={0} aria-label={`Messages with ${name}`}>
        <ListState
          query={query}
          isEmpty={messages.length === 0}
          empty={
            <EmptyState title="No messages yet">
              {other === ASSISTANT
                ? 'Ask who is coming tomorrow, what is open on Friday, who waits, or who somebody is.'
                : 'Say hello.'}
            </EmptyState>
          }
        >
          <LoadMore query={query} label="Load earlier messages" />
          <ul className={classes.messages}>
            {messages.map((message, at) => (
              <Bubble
                key={message.id}
                message={message}
                mine={message.sender.id === me}
                quote={quoted(messages, at)}
                read={message.id === read}
                onAnswer={() => setAim({ kind: 'answer', message })}
                onEdit={() => {
                  setAim({ kind: 'edit', message });
                  onDraft(message.body ?? '');
                }}
              />
            ))}
          </ul>
        </ListState>
      </section>
      <Composer other={other} name={name} text={draft} onText={onDraft} aim={aim} onAim={setAim} />
    </>
  );
}
