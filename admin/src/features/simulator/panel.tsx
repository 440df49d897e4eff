import { Text } from '@mantine/core';
import { IconMessageCircleOff, IconUser } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useZone } from '@/api/session';
import type { Conversation, Message, Turn } from '@/api/types';
import { AppointmentList } from '@/components/appointments';
import { ConversationStateBadge, ModeBadge, OptInBadge, Pill } from '@/components/badges';
import { DeliveryTicks } from '@/components/delivery';
import { AnchorLink } from '@/components/links';
import { Card } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState } from '@/components/states';
import { Why } from '@/components/thread';
import { TurnDetails } from '@/components/turn';
import { readOffers, stateSentence, whoAnswers } from '@/lib/dialogue';
import { ticksFor, waitingReason } from '@/lib/labels';
import { formatPhone, personName } from '@/lib/phone';
import { formatClock, formatDay, formatTime, zoneName } from '@/lib/time';
import classes from './panel.module.css';
import type { Simulation } from './use-simulation';

/** Silence that looks like a fault to who does not know its reason. */
function Silence({ icon, children, ...rest }: { icon: ReactNode; children: ReactNode; 'data-testid': string }) {
  return (
    <div className={classes.silence} role="status" {...rest}>
      {icon}
      <p>{children}</p>
    </div>
  );
}

function HumanNotice({ conversation }: { conversation: Conversation }) {
  const zone = useZone();
  return (
    <Silence icon={<IconUser size={18} aria-hidden />} data-testid="human-mode">
      {whoAnswers(conversation, zone)} Texts from this phone get no automatic answer.{' '}
      <AnchorLink to="/conversations" search={{ id: conversation.id }} inherit c="inherit" underline="always">
        Answer or release it in the conversation
      </AnchorLink>
    </Silence>
  );
}

function ReviewNotice() {
  return (
    <Silence icon={<IconMessageCircleOff size={18} aria-hidden />} data-testid="under-review">
      This may have been an opt-out, so nothing is sent until somebody decides.{' '}
      <AnchorLink to="/opt-out-reviews" inherit c="inherit" underline="always">
        Decide it
      </AnchorLink>
    </Silence>
  );
}

function StateCard({ conversation, simulation }: { conversation: Conversation; simulation: Simulation }) {
  const zone = useZone();
  const offers = readOffers(conversation.dialogue);
  const { contact } = simulation;
  return (
    <Card
      title="Conversation"
      aside={
        <AnchorLink to="/conversations" search={{ id: conversation.id }} size="sm">
          Open in inbox
        </AnchorLink>
      }
    >
      {conversation.contact_status === 'under_review' && <ReviewNotice />}
      {conversation.mode === 'human' && <HumanNotice conversation={conversation} />}
      <div className={classes.state} data-testid="conversation-state" data-state={conversation.state}>
        <ConversationStateBadge value={conversation.state} />
        <Text size="sm" aria-live="polite">
          {stateSentence(conversation.state, conversation.dialogue, zone)}
        </Text>
      </div>
      {offers.length > 0 && (
        <>
          <ol className={classes.offers} aria-label="Offered times" data-testid="offers">
            {offers.map((offer) => (
              <li key={offer.slotId + offer.startTime} data-testid="offer" title={offer.label || undefined}>
                <strong>{formatTime(offer.startTime, zone)}</strong>
                <span>{formatDay(offer.startTime, zone)}</span>
              </li>
            ))}
          </ol>
          <Text size="xs" c="dimmed" mt={6}>
            Times in {zone.replaceAll('_', ' ')} ({zoneName(zone)}).
          </Text>
        </>
      )}
      <div className={classes.badges}>
        <span>
          Answered by <ModeBadge value={conversation.mode} data-testid="conversation-mode" />
        </span>
        {conversation.waiting_since && (
          <Pill tone="warn" data-testid="waiting">
            <span>
              {waitingReason(conversation.waiting_reason ?? '').label || 'Waiting'},{' '}
              <RelativeTime value={conversation.waiting_since} />
            </span>
          </Pill>
        )}
        {contact && (
          <span>
            Consent <OptInBadge value={contact.opt_in_status} />
          </span>
        )}
        {conversation.state_expires_at && conversation.state !== 'idle' && (
          <Text size="xs" c="dimmed">
            Forgets this <RelativeTime value={conversation.state_expires_at} />
          </Text>
        )}
      </div>
    </Card>
  );
}

/** Enough to see how a dialogue came to where it is. */
const EARLIER_TURNS = 6;

function UnderstandingCard({ turns }: { turns: Turn[] }) {
  const [turn, ...earlier] = turns;
  return (
    <Card
      title="How the last text was understood"
      aside={turn && <RelativeTime value={turn.created_at} className={classes.aside} />}
    >
      {turn ? (
        <div data-testid="last-turn">
          <TurnDetails turn={turn} />
        </div>
      ) : (
        <Text size="sm" c="dimmed">
          Nothing understood yet.
        </Text>
      )}
      {earlier.length > 0 && (
        <>
          <h3 className={classes.earlierTitle}>Earlier turns</h3>
          <ul className={classes.earlier} aria-label="Earlier turns">
            {earlier.slice(0, EARLIER_TURNS).map((each) => (
              <li key={each.id}>
                <Why turn={each} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

type Step = { name: string; at: string | null | undefined };

function steps(message: Message): Step[] {
  if (message.direction === 'inbound') return [{ name: 'Received', at: message.created_at }];
  const all: Step[] = [{ name: 'Queued', at: message.created_at }];
  if (message.sent_at) all.push({ name: 'Sent', at: message.sent_at });
  if (message.delivered_at) all.push({ name: 'Delivered', at: message.delivered_at });
  return all;
}

function DeliveryCard({ messages }: { messages: Message[] }) {
  const zone = useZone();
  const newest = messages.slice(-8).reverse();
  return (
    <Card title="Delivery" aside={<span className={classes.aside}>newest first</span>} flush>
      <ol className={classes.timeline} aria-label="Delivery of each text">
        {newest.map((message) => (
          <li key={message.id} data-direction={message.direction}>
            <p className={classes.snippet}>
              <span className={classes.direction}>{message.direction === 'inbound' ? 'In' : 'Out'}</span>
              {message.body}
            </p>
            <div className={classes.steps}>
              {steps(message).map((step) => (
                <span key={step.name}>
                  {step.name} <time dateTime={step.at ?? undefined}>{step.at ? formatClock(step.at, zone) : ''}</time>
                </span>
              ))}
              {(ticksFor(message.status) === 'failed' || message.status === 'sending') && (
                <DeliveryTicks message={message} />
              )}
              {message.segments > 1 && <span>{message.segments} segments</span>}
            </div>
            {message.error_message && <p className={classes.error}>{message.error_message}</p>}
          </li>
        ))}
      </ol>
    </Card>
  );
}

export function Panel({ from, simulation }: { from: string; simulation: Simulation }) {
  const { contact, conversation, messages, turns, appointments } = simulation;
  return (
    <div className={classes.panel} aria-live="off">
      {conversation ? (
        <StateCard conversation={conversation} simulation={simulation} />
      ) : (
        <Card title="Conversation">
          <div className={classes.state} data-testid="conversation-state" data-state="none">
            <Text size="sm" c="dimmed">
              {formatPhone(from)} has never written. The first text opens a conversation, and this side fills in as it
              goes.
            </Text>
          </div>
        </Card>
      )}
      <Card
        title="Upcoming appointments"
        flush
        aside={
          contact && (
            <AnchorLink to="/contacts/$contactId" params={{ contactId: contact.id }} size="sm">
              {personName(contact)}
            </AnchorLink>
          )
        }
      >
        {appointments.length > 0 ? (
          <AppointmentList appointments={appointments} label="Upcoming appointments" withCancel />
        ) : (
          <EmptyState title="None yet">A booking shows up here the moment it is confirmed.</EmptyState>
        )}
      </Card>
      {conversation && <UnderstandingCard turns={turns} />}
      {messages.length > 0 && <DeliveryCard messages={messages} />}
    </div>
  );
}
