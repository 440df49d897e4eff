import { ActionIcon, Skeleton, Textarea, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconArrowUp, IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useZone } from '@/api/session';
import { DeliveryTicks } from '@/components/delivery';
import { LogoMark } from '@/components/logo';
import { useNow } from '@/components/relative-time';
import { formatPhone } from '@/lib/phone';
import { groupThread } from '@/lib/thread';
import { dayHeading, dayKey, formatTime } from '@/lib/time';
import type { Draft } from './outbox';
import classes from './phone.module.css';
import type { Simulation } from './use-simulation';

const SUGGESTIONS = [
  'can I come in tomorrow afternoon?',
  'the second one',
  'yes',
  'when is my appointment?',
  'cancel my appointment',
  'STOP',
];

type PhoneProps = {
  from: string;
  businessName: string;
  simulation: Simulation;
  drafts: Draft[];
  typing: boolean;
  onSend: (body: string) => void;
  onRetry: (draft: Draft) => void;
};

function Typing() {
  return (
    <div className={classes.typing} role="status" data-testid="typing">
      <VisuallyHidden>A reply is being written</VisuallyHidden>
      <span />
      <span />
      <span />
    </div>
  );
}

function Compose({ onSend }: { onSend: (body: string) => void }) {
  const [body, setBody] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const ready = body.trim() !== '';
  const submit = () => {
    if (!ready) return;
    onSend(body.trim());
    setBody('');
    input.current?.focus();
  };
  return (
    <form
      className={classes.compose}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Textarea
        ref={input}
        autosize
        minRows={1}
        maxRows={4}
        radius="xl"
        className={classes.input}
        placeholder="Text message"
        aria-label="Text message"
        data-testid="simulator-input"
        value={body}
        onChange={(event) => setBody(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <ActionIcon
        type="submit"
        radius="xl"
        size={38}
        aria-label="Send"
        data-testid="simulator-send"
        disabled={!ready}
        className={classes.send}
      >
        <IconArrowUp size={20} stroke={2.2} />
      </ActionIcon>
    </form>
  );
}

export function Phone({ from, businessName, simulation, drafts, typing, onSend, onRetry }: PhoneProps) {
  const zone = useZone();
  const now = useNow();
  const today = dayKey(now, zone);
  const scroller = useRef<HTMLDivElement>(null);
  const { messages, loading } = simulation;
  const bottom = `${messages.at(-1)?.id}|${drafts.length}|${typing}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever appears at the bottom, the phone scrolls to it.
  useEffect(() => {
    const element = scroller.current;
    if (element) element.scrollTo({ top: element.scrollHeight });
  }, [bottom]);

  const empty = !loading && messages.length === 0 && drafts.length === 0;

  return (
    <section className={classes.column} aria-label={`Phone of ${formatPhone(from)}`}>
      <div className={classes.phone}>
        <div className={classes.screen}>
          <header className={classes.bar}>
            <div className={classes.status} aria-hidden="true">
              <span>{formatTime(now, zone)}</span>
              <span className={classes.island} />
              <span className={classes.battery} />
            </div>
            <div className={classes.desk}>
              <span className={classes.deskMark}>
                <LogoMark size={26} />
              </span>
              <span className={classes.deskName}>{businessName}</span>
            </div>
          </header>

          <div
            ref={scroller}
            className={classes.thread}
            data-testid="phone-thread"
            role="log"
            aria-label="Messages"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
            tabIndex={0}
          >
            {loading && (
              <div className={classes.placeholder}>
                <Skeleton height={36} width="62%" radius="xl" />
                <Skeleton height={54} width="74%" radius="xl" ml="auto" />
              </div>
            )}
            {empty && (
              <div className={classes.blank}>
                <p>A new person, {formatPhone(from)}.</p>
                <p>Say what a customer would say, or tap a suggestion below.</p>
              </div>
            )}
            {groupThread(messages, zone).map(({ day, runs }) => (
              <div key={day} className={classes.dayGroup}>
                <p className={classes.day}>{dayHeading(day, today)}</p>
                {runs.map((run) => {
                  const last = run.messages.at(-1);
                  return (
                    <div key={run.key} className={classes.run} data-direction={run.direction}>
                      {run.messages.map((message) => (
                        <div
                          key={message.id}
                          className={classes.message}
                          data-testid={`message-${message.direction}`}
                          data-status={message.status}
                        >
                          <VisuallyHidden>
                            {message.direction === 'inbound' ? 'You: ' : `${businessName}: `}
                          </VisuallyHidden>
                          <p className={classes.bubble}>{message.body}</p>
                          {message.direction === 'outbound' && (
                            <span className={classes.meta}>
                              <DeliveryTicks message={message} />
                              {message === last && (
                                <time dateTime={message.created_at}>{formatTime(message.created_at, zone)}</time>
                              )}
                            </span>
                          )}
                          {message.direction === 'inbound' && message === last && (
                            <span className={classes.meta}>
                              <time dateTime={message.created_at}>{formatTime(message.created_at, zone)}</time>
                            </span>
                          )}
                        </div>
                      ))}
                    </div>
                  );
                })}
              </div>
            ))}
            {drafts.map((draft) => (
              <div key={draft.key} className={classes.run} data-direction="inbound">
                <div className={classes.message} data-testid="message-draft">
                  <p className={classes.bubble} data-pending={draft.error === null || undefined}>
                    {draft.body}
                  </p>
                  <span className={classes.meta}>
                    {draft.error === null ? (
                      'Sending…'
                    ) : (
                      <UnstyledButton className={classes.refused} onClick={() => onRetry(draft)}>
                        <IconRefresh size={13} aria-hidden /> Not sent. {draft.error} Tap to try again.
                      </UnstyledButton>
                    )}
                  </span>
                </div>
              </div>
            ))}
            {typing && <Typing />}
          </div>

          <ul className={classes.chips} aria-label="Suggestions">
            {SUGGESTIONS.map((text) => (
              <li key={text}>
                <UnstyledButton className={classes.chip} onClick={() => onSend(text)}>
                  {text}
                </UnstyledButton>
              </li>
            ))}
          </ul>
          <Compose onSend={onSend} />
        </div>
      </div>
    </section>
  );
}
