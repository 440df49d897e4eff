import { describe, expect, it } from 'vitest';
import { type Draft, outbox, visibleDrafts } from './outbox';
import { simulatorSearch } from './search';

const draft = (key: string, from = '+14155550101') => ({ key, from, body: key, createdAt: '2026-11-24T20:00:00Z' });

describe('texts on their way', () => {
  const sent = outbox([], { type: 'send', draft: draft('a') });

  it('stay until the thread has them', () => {
    const accepted = outbox(sent, { type: 'accepted', key: 'a', messageId: 'm1' });
    expect(visibleDrafts(accepted, '+14155550101', [])).toHaveLength(1);
    // Never twice on screen, even before the outbox is tidied.
    expect(visibleDrafts(accepted, '+14155550101', [{ id: 'm1' }])).toHaveLength(0);
    expect(outbox(accepted, { type: 'arrived', ids: new Set(['m1']) })).toEqual([]);
  });

  it('belong to one phone', () => {
    expect(visibleDrafts(sent, '+14155550102', [])).toEqual([]);
  });

  it('keep the reason when refused, and can be dropped', () => {
    const refused: readonly Draft[] = outbox(sent, { type: 'refused', key: 'a', error: 'Must be a phone number' });
    expect(refused[0]?.error).toBe('Must be a phone number');
    expect(outbox(refused, { type: 'drop', key: 'a' })).toEqual([]);
  });

  it('do not change when nothing arrived', () => {
    expect(outbox(sent, { type: 'arrived', ids: new Set(['other']) })).toBe(sent);
  });
});

it('reads the number from the address, however it got there', () => {
  expect(simulatorSearch({ from: '+14155550101' })).toEqual({ from: '+14155550101' });
  expect(simulatorSearch({ from: 14155550101 })).toEqual({ from: '+14155550101' });
  expect(simulatorSearch({ from: ' 14155550101' })).toEqual({ from: '+14155550101' });
  expect(simulatorSearch({ from: 'nobody' })).toEqual({});
});
