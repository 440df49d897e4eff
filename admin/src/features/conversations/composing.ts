// When a person may write into a conversation, and what may be sent.
import { characterCount } from '@/lib/segments';

/** The server's limit, in characters. */
export const LIMIT = 1600;

/** Why nobody, or this person, may write; null when they may. */
export function blockedReason(contactStatus: string, mayWrite: boolean): string | null {
  if (contactStatus === 'opted_out') return 'This contact asked for no more texts. Nothing can be sent to them.';
  if (contactStatus === 'under_review') {
    return 'This contact may have asked for no more texts. Nothing can be sent until that is decided.';
  }
  if (contactStatus === 'blocked') return 'This number is on the block list. Nothing can be sent to it.';
  return mayWrite ? null : 'Your role may read everything but not write.';
}

export const sendable = (text: string): boolean => text.trim() !== '' && characterCount(text.trim()) <= LIMIT;

/** An address that a provider can fetch a file from. The server looks closer. */
export const attachable = (address: string): boolean => /^https:\/\/[^\s/]+\.[^\s]+$/.test(address.trim());

/** Enter makes a new line; together with Ctrl or Command it sends. */
export const sendsOn = (event: { key: string; ctrlKey: boolean; metaKey: boolean }): boolean =>
  event.key === 'Enter' && (event.ctrlKey || event.metaKey);
