// What may be written to colleagues, and how their messages are put in order.
import type { TeamMessage } from '@/api/types';

/** The server's limit, in characters. */
export const LIMIT = 4000;
export const ASSISTANT = 'assistant';

export const sendable = (text: string): boolean => {
  const length = [...text.trim()].length;
  return length > 0 && length <= LIMIT;
};

/** Enter sends, together with Shift it makes a new line: a message to a colleague is a line, not a letter. */
export const sendsOn = (event: { key: string; shiftKey: boolean }): boolean => event.key === 'Enter' && !event.shiftKey;

/** The last of one's own that was read, under which that is said. */
export const lastRead = (messages: readonly TeamMessage[], me: string): string | undefined =>
  messages.findLast((m) => m.sender.id === me && m.read_at && !m.deleted_at)?.id;

/** What a message answers, where that does not stand right before it. */
export function quoted(messages: readonly TeamMessage[], at: number): TeamMessage | undefined {
  const parent = messages[at]?.parent_id;
  if (!parent || messages[at - 1]?.id === parent) return undefined;
  return messages.find((m) => m.id === parent);
}

export const firstLine = (text: string, length = 90): string => {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
};
