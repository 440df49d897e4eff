import type { Message } from '@/api/types';
import { humanize } from './labels';

/** "block_list" as "Block list:", "quiet_hours:US-FL" as "Quiet hours, US-FL:". */
export function ruleName(rule: string): string {
  const [kind = '', ...where] = rule.split(':');
  return `${[humanize(kind), ...where].join(', ')}:`;
}

type Line = { text: string; stopped: boolean };

const STOPPED = new Set(['failed', 'undelivered', 'canceled']);

/** What stands below an outgoing text before anybody asks: the sentence where something holds or stopped it. */
export function lineOf(message: Pick<Message, 'status' | 'held_until' | 'decision' | 'error_message'>): Line {
  const held = message.status === 'queued' && Boolean(message.held_until);
  const stopped = STOPPED.has(message.status);
  // What came after the decision tells more than the decision.
  const sentence = stopped ? (message.error_message ?? message.decision) : message.decision;
  if ((held || stopped) && sentence) return { text: sentence, stopped: true };
  return { text: message.status === 'queued' ? 'Waits to be sent' : 'Why it was sent', stopped: false };
}
