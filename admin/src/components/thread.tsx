import { Collapse, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconSparkles, IconUser } from '@tabler/icons-react';
import { useZone } from '@/api/session';
import type { Message, Turn } from '@/api/types';
import { lineOf } from '@/lib/receipt';
import { groupThread, turnsByMessage } from '@/lib/thread';
import { dayHeading, dayKey, formatTime } from '@/lib/time';
import { turnLine } from '@/lib/turn';
import { DeliveryTicks } from './delivery';
import { MessageMediaList } from './message-media';
import { Receipt } from './receipt';
import { useNow } from './relative-time';
import classes from './thread.module.css';
import { TurnDetails } from './turn';

/** Why the assistant answered as it did: one line, and all of it on request. */
export function Why({ turn }: { turn: Turn }) {
  const [opened, { toggle }] = useDisclosure();
  return (
    <div className={classes.why}>
      <UnstyledButton className={classes.whyButton} onClick={toggle} aria-expanded={opened}>
        <IconSparkles size={14} aria-hidden className={classes.whyIcon} />
        <span>
          {turn.reply_id ? 'Why this answer' : 'Why no answer'}
          <span className={classes.whyLine}> · {turnLine(turn)}</span>
        </span>
        <IconChevronDown size={14} aria-hidden className={classes.chevron} data-opened={opened || undefined} />
      </UnstyledButton>
      <Collapse expanded={opened}>
        <div className={classes.whyBody}>
          <TurnDetails turn={turn} />
        </div>
      </Collapse>
    </div>
  );
}

/** Who wrote these: the assistant, or one of the staff by name. What the contact wrote needs no name here. */
function Author({ message }: { message: Message }) {
  if (message.author === 'contact') return null;
  const staff = message.author !== 'assistant';
  const name = message.author === 'program' ? 'Program' : (message.author_name ?? 'Staff');
  return (
    <span className={classes.author} data-testid="message-author">
      {staff ? <IconUser size={13} aria-hidden /> : <IconSparkles size={13} aria-hidden />}
      {staff ? name : 'Assistant'}
    </span>
  );
}

/** The desk's view of a thread: their texts on the left, ours on the right. Oldest first. */
export function Thread({ messages, turns = [] }: { messages: readonly Message[]; turns?: readonly Turn[] }) {
  const zone = useZone();
  const today = dayKey(useNow(), zone);
  const explained = turnsByMessage(messages, turns);
  return (
    <div className={classes.thread}>
      {groupThread(messages, zone).map(({ day, runs }) => (
        <section key={day} aria-label={dayHeading(day, today)}>
          <p className={classes.day}>{dayHeading(day, today)}</p>
          {runs.map((run) => (
            <div
              key={run.key}
              className={classes.run}
              data-direction={run.direction}
              data-author={run.messages[0]?.author}
            >
              {run.messages[0] && <Author message={run.messages[0]} />}
              {run.messages.map((message) => {
                const turn = explained.get(message.id);
                const outgoing = message.direction === 'outbound';
                return (
                  <div
                    key={message.id}
                    className={classes.message}
                    data-explained={turn ? true : undefined}
                    data-testid={`message-${message.direction}`}
                    data-author={message.author}
                  >
                    <MessageMediaList media={message.media} />
                    {message.body !== '' && <p className={classes.bubble}>{message.body}</p>}
                    <span className={classes.meta}>
                      <time dateTime={message.created_at}>{formatTime(message.created_at, zone)}</time>
                      {outgoing && message.content_sid && <span>Template</span>}
                      {outgoing && <DeliveryTicks message={message} />}
                      {outgoing && !lineOf(message).stopped && <Receipt message={message} />}
                    </span>
                    {outgoing && lineOf(message).stopped && <Receipt message={message} />}
                    {turn && <Why turn={turn} />}
                  </div>
                );
              })}
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}
