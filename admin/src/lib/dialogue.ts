// The dialogue object is the server's tagged state. We read what we know of it and ignore the rest.
import { conversationState } from './labels';
import { formatDateTime } from './time';

export type Offer = { slotId: string; startTime: string; label: string };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function readOffer(value: unknown): Offer | null {
  if (!isRecord(value) || !text(value.start_time)) return null;
  return { slotId: text(value.slot_id) || text(value.id), startTime: text(value.start_time), label: text(value.label) };
}

export function readOffers(dialogue: unknown): Offer[] {
  if (!isRecord(dialogue) || !Array.isArray(dialogue.offers)) return [];
  return dialogue.offers.map(readOffer).filter((offer) => offer !== null);
}

/** The one time that waits for a yes, wherever the state keeps it. */
export function readChoice(dialogue: unknown): Offer | null {
  if (!isRecord(dialogue)) return null;
  const direct = readOffer(dialogue);
  if (direct) return direct;
  // A move carries both the appointment and its new time: the new time is what the yes is about.
  const { offer, offers: _, ...others } = dialogue;
  for (const value of [offer, ...Object.values(others)]) {
    const found = readOffer(value);
    if (found) return found;
  }
  return null;
}

const NEEDS: Record<string, string> = {
  day: 'Waiting for a day or a time.',
  new_time: 'Waiting for a day or a time to move the appointment to.',
  which_to_cancel: 'Waiting to hear which appointment to cancel.',
  which_to_move: 'Waiting to hear which appointment to move.',
};

function needSentence(dialogue: unknown): string | undefined {
  const need = isRecord(dialogue) ? text(dialogue.need) : '';
  return Object.hasOwn(NEEDS, need) ? NEEDS[need] : undefined;
}

/** What the conversation is waiting for, as a sentence. */
export function stateSentence(state: string, dialogue: unknown, zone: string): string {
  const offers = readOffers(dialogue);
  const choice = readChoice(dialogue);
  const when = choice ? formatDateTime(choice.startTime, zone) : null;
  const times = offers.length === 1 ? '1 time' : `${offers.length} times`;
  switch (state) {
    case 'awaiting_info':
      return needSentence(dialogue) ?? conversationState(state).hint;
    case 'showing_slots':
      return offers.length > 0 ? `Offered ${times}; waiting for a choice.` : conversationState(state).hint;
    case 'reschedule_show_slots':
      return offers.length > 0 ? `Offered ${times} to move to; waiting for a choice.` : conversationState(state).hint;
    case 'confirming_booking':
      return when ? `Waiting for a yes to book ${when}.` : conversationState(state).hint;
    case 'confirming_cancel':
      return when ? `Waiting for a yes to cancel ${when}.` : conversationState(state).hint;
    case 'confirming_reschedule':
      return when ? `Waiting for a yes to move to ${when}.` : conversationState(state).hint;
    default:
      return conversationState(state).hint;
  }
}

type Answering = {
  mode: string;
  assignee?: { display_name: string } | null;
  human_until?: string | null;
};

/** Who answers the next text, as a sentence. */
export function whoAnswers({ mode, assignee, human_until }: Answering, zone: string): string {
  if (mode !== 'human') return 'The assistant answers.';
  const who = assignee?.display_name || 'A person';
  if (!human_until) return `${who} answers; the assistant keeps quiet.`;
  return `${who} answers. Unless staff write again, the assistant takes over ${formatDateTime(human_until, zone)}.`;
}
