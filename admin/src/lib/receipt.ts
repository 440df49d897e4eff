import type { Message } from '@/api/types';
import { humanize } from './labels';
import { money } from './money';

/** Whose hours a rule is: "us-tx" as "US-TX", the organization's own as such. */
function place(where: string): string {
  if (where.startsWith('default')) return 'your own';
  if (where === 'us-federal') return 'United States';
  return /^[a-z]{2}(-[a-z0-9]{1,3})?$/.test(where) ? where.toUpperCase() : where;
}

/** "block_list" as "Block list:", "quiet_hours:us-fl" as "Quiet hours, US-FL:". */
export function ruleName(rule: string): string {
  const [kind = '', ...where] = rule.split(':');
  return `${[humanize(kind), ...where.map(place)].join(', ')}:`;
}

type Line = { text: string; stopped: boolean };

const STOPPED = new Set(['failed', 'undelivered', 'canceled']);

const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`);

type Tried = Pick<Message, 'status' | 'resent' | 'error_message'>;

/** That it is tried anew, and why; nothing where the first try was the only one. */
function triesLine({ status, resent, error_message }: Tried): string | undefined {
  if (resent === 0) return undefined;
  // Of a text that failed in the end the words are about the last try, not about those before.
  const why = STOPPED.has(status) ? undefined : error_message;
  if (status === 'queued') return `Not delivered ${times(resent)}, and waits for another try${why ? `: ${why}` : '.'}`;
  return `Handed over again ${times(resent)}, because it had not been delivered${why ? `: ${why}` : '.'}`;
}

/** What stands below an outgoing text before anybody asks: the sentence where something holds or stopped it. */
export function lineOf(message: Pick<Message, 'held_until' | 'decision'> & Tried): Line {
  const held = message.status === 'queued' && Boolean(message.held_until);
  const stopped = STOPPED.has(message.status);
  // What came after the decision tells more than the decision.
  const sentence = stopped ? (message.error_message ?? message.decision) : message.decision;
  if ((held || stopped) && sentence) return { text: sentence, stopped: true };
  const again = message.status === 'queued' ? triesLine(message) : undefined;
  if (again) return { text: again, stopped: true };
  return { text: message.status === 'queued' ? 'Waits to be sent' : 'Why it was sent', stopped: false };
}

type Handed = Tried & Pick<Message, 'unknown_outcomes' | 'price' | 'price_unit' | 'segments'>;

/** What its status does not tell: answers that were lost on the way, further tries, and what it cost. */
export function handoverLines(message: Handed): string[] {
  const lines: string[] = [];
  if (message.unknown_outcomes > 0 && message.status === 'sending') {
    lines.push('It is not known yet whether the provider has taken it; it is looked up there.');
  } else if (message.unknown_outcomes === 1) {
    lines.push('It was not known at first whether the provider had taken it; that was found out before anything else.');
  } else if (message.unknown_outcomes > 1) {
    const often = times(message.unknown_outcomes);
    lines.push(`It was not known ${often} whether the provider had taken it; each time that was found out first.`);
  }
  const tries = triesLine(message);
  if (tries) lines.push(tries);
  if (typeof message.price === 'number') {
    const parts = message.segments > 1 ? ` for ${message.segments} parts` : '';
    lines.push(`Cost ${money(message.price, message.price_unit ?? '')}${parts}.`);
  }
  return lines;
}
