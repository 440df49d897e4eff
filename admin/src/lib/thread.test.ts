import { describe, expect, it } from 'vitest';
import { awaitsReply, groupThread, turnsByMessage } from './thread';

const LA = 'America/Los_Angeles';
const message = (id: string, direction: 'inbound' | 'outbound', created_at: string) => ({ id, direction, created_at });

describe('grouping a thread', () => {
  it('joins texts of one side that follow closely', () => {
    const days = groupThread(
      [
        message('a', 'inbound', '2026-11-24T20:00:00Z'),
        message('b', 'inbound', '2026-11-24T20:00:20Z'),
        message('c', 'outbound', '2026-11-24T20:00:21Z'),
        message('d', 'inbound', '2026-11-24T20:01:00Z'),
      ],
      LA,
    );
    expect(days).toHaveLength(1);
    expect(days[0]?.runs.map((r) => r.messages.map((m) => m.id))).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('starts a new run after a pause', () => {
    const [day] = groupThread(
      [message('a', 'outbound', '2026-11-24T20:00:00Z'), message('b', 'outbound', '2026-11-24T20:05:00Z')],
      LA,
    );
    expect(day?.runs).toHaveLength(2);
  });

  it('keeps the assistant and each of the staff apart', () => {
    const by = (id: string, author: string, author_name: string | null, second: number) => ({
      ...message(id, 'outbound', `2026-11-24T20:00:0${second}Z`),
      author,
      author_name,
    });
    const [day] = groupThread(
      [
        by('a', 'assistant', null, 1),
        by('b', 'staff', 'Maya', 2),
        by('c', 'staff', 'Maya', 3),
        by('d', 'staff', 'Sam', 4),
      ],
      LA,
    );
    expect(day?.runs.map((r) => r.messages.map((m) => m.id))).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('splits days by the zone, even in the middle of a run', () => {
    const days = groupThread(
      [message('a', 'inbound', '2026-11-25T07:59:00Z'), message('b', 'inbound', '2026-11-25T08:00:30Z')],
      LA,
    );
    expect(days.map((d) => d.day)).toEqual(['2026-11-24', '2026-11-25']);
  });

  it('is empty for no messages', () => {
    expect(groupThread([], LA)).toEqual([]);
  });
});

describe('turns in a thread', () => {
  const thread = [
    message('a', 'inbound', '2026-11-24T20:00:00Z'),
    message('b', 'inbound', '2026-11-24T20:00:05Z'),
    message('c', 'outbound', '2026-11-24T20:00:06Z'),
  ];

  it('stand under the last text they handled', () => {
    const turn = { message_ids: ['b', 'a'] };
    expect([...turnsByMessage(thread, [turn])]).toEqual([['b', turn]]);
  });

  it('stand under their reply when there is one', () => {
    const turn = { message_ids: ['a', 'b'], reply_id: 'c' };
    expect([...turnsByMessage(thread, [turn])]).toEqual([['c', turn]]);
    const unloaded = { message_ids: ['b'], reply_id: 'later' };
    expect([...turnsByMessage(thread, [unloaded])]).toEqual([['b', unloaded]]);
  });

  it('are left out when their texts are not loaded', () => {
    expect(turnsByMessage(thread, [{ message_ids: ['older'] }]).size).toBe(0);
  });
});

describe('the typing dots', () => {
  const now = Date.parse('2026-11-24T20:00:03Z');
  const asked = [message('a', 'inbound', '2026-11-24T20:00:00Z')];
  const bot = { botAnswers: true, now };

  it('show while a text is unanswered', () => {
    expect(awaitsReply(asked, [], bot)).toBe(true);
  });

  it('stop at the reply', () => {
    expect(awaitsReply([...asked, message('b', 'outbound', '2026-11-24T20:00:01Z')], [], bot)).toBe(false);
  });

  it('stop when the text was handled without a reply', () => {
    expect(awaitsReply(asked, [{ message_ids: ['a'] }], bot)).toBe(false);
  });

  it('stay away in human mode, after a while, and without texts', () => {
    expect(awaitsReply(asked, [], { ...bot, botAnswers: false })).toBe(false);
    expect(awaitsReply(asked, [], { ...bot, now: now + 60_000 })).toBe(false);
    expect(awaitsReply([], [], bot)).toBe(false);
  });
});
