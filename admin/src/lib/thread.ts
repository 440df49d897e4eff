import { dayKey } from './time';

export type ThreadMessage = {
  id: string;
  direction: string;
  created_at: string;
  author?: string;
  author_name?: string | null;
};

export type Run<M extends ThreadMessage> = { key: string; direction: string; messages: M[] };
export type ThreadDay<M extends ThreadMessage> = { day: string; runs: Run<M>[] };

const RUN_GAP = 5 * 60_000;

const sameWriter = (a: ThreadMessage, b: ThreadMessage) =>
  a.direction === b.direction && a.author === b.author && a.author_name === b.author_name;

/**
 * Oldest-first messages, split by the zone's calendar day, then into runs: texts of one writer less than five minutes
 * apart, which the phone draws as one group with one time under it.
 */
export function groupThread<M extends ThreadMessage>(messages: readonly M[], zone: string): ThreadDay<M>[] {
  const days: ThreadDay<M>[] = [];
  for (const message of messages) {
    const day = dayKey(message.created_at, zone);
    let last = days.at(-1);
    if (last?.day !== day) {
      last = { day, runs: [] };
      days.push(last);
    }
    const run = last.runs.at(-1);
    const previous = run?.messages.at(-1);
    const close = previous && Date.parse(message.created_at) - Date.parse(previous.created_at) < RUN_GAP;
    if (run && close && sameWriter(previous, message)) run.messages.push(message);
    else last.runs.push({ key: message.id, direction: message.direction, messages: [message] });
  }
  return days;
}

type TurnLike = { message_ids: readonly string[]; reply_id?: string | null };

/** Each turn under its reply; one without a reply under the last text it handled. */
export function turnsByMessage<T extends TurnLike>(
  messages: readonly ThreadMessage[],
  turns: readonly T[],
): Map<string, T> {
  const position = new Map(messages.map((m, index) => [m.id, index]));
  const result = new Map<string, T>();
  for (const turn of turns) {
    if (turn.reply_id && position.has(turn.reply_id)) {
      result.set(turn.reply_id, turn);
      continue;
    }
    const known = turn.message_ids.filter((id) => position.has(id));
    const last = known.reduce<string | undefined>(
      (best, id) => (best === undefined || (position.get(id) ?? 0) > (position.get(best) ?? 0) ? id : best),
      undefined,
    );
    if (last !== undefined) result.set(last, turn);
  }
  return result;
}

/** How long the phone shows the typing dots before it accepts that no reply is coming. */
const REPLY_PATIENCE = 12_000;

/** Whether a reply is still to be expected: the newest text is the person's, young, and no turn has dealt with it. */
export function awaitsReply(
  messages: readonly ThreadMessage[],
  turns: readonly TurnLike[],
  options: { botAnswers: boolean; now: number },
): boolean {
  const newest = messages.at(-1);
  if (newest?.direction !== 'inbound' || !options.botAnswers) return false;
  if (options.now - Date.parse(newest.created_at) > REPLY_PATIENCE) return false;
  return !turns.some((turn) => turn.message_ids.includes(newest.id));
}
