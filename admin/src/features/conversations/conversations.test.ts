import { describe, expect, it } from 'vitest';
import { attachable, blockedReason, LIMIT, sendable, sendsOn } from './composing';
import { conversationsSearch } from './search';

describe('writing to a contact', () => {
  it('is open to staff when the contact takes texts', () => {
    expect(blockedReason('ok', true)).toBeNull();
  });

  it('is closed by an opt-out, certain or doubtful, whoever asks', () => {
    expect(blockedReason('opted_out', true)).toMatch(/no more texts/);
    expect(blockedReason('under_review', true)).toMatch(/until that is decided/);
    expect(blockedReason('opted_out', false)).toMatch(/no more texts/);
  });

  it('is closed to viewers', () => {
    expect(blockedReason('ok', false)).toMatch(/role/);
  });

  it('needs a text within the limit, spaces around it aside', () => {
    expect(sendable('  \n ')).toBe(false);
    expect(sendable('See you at 3')).toBe(true);
    expect(sendable(`${'a'.repeat(LIMIT)}  `)).toBe(true);
    expect(sendable('a'.repeat(LIMIT + 1))).toBe(false);
    expect(sendable('👋'.repeat(LIMIT))).toBe(true);
  });

  it('takes files from https addresses', () => {
    expect(attachable(' https://example.com/a.png ')).toBe(true);
    for (const bad of ['http://example.com/a.png', 'https://', 'https://localhost', 'a.png', '']) {
      expect(attachable(bad), bad).toBe(false);
    }
  });

  it('sends with Ctrl or Command and Enter, not with Enter alone', () => {
    const key = (more: object) => ({ key: 'Enter', ctrlKey: false, metaKey: false, ...more });
    expect(sendsOn(key({}))).toBe(false);
    expect(sendsOn(key({ ctrlKey: true }))).toBe(true);
    expect(sendsOn(key({ metaKey: true }))).toBe(true);
    expect(sendsOn(key({ key: 'a', ctrlKey: true }))).toBe(false);
  });
});

it('keeps only filters it knows in the address', () => {
  expect(conversationsSearch({ id: 'c1', filter: 'waiting' })).toEqual({ id: 'c1', filter: 'waiting' });
  expect(conversationsSearch({ filter: 'everything' })).toEqual({});
});
