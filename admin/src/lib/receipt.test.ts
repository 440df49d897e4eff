import { expect, test } from 'vitest';
import { lineOf, ruleName } from './receipt';

const DECISION = 'Held: 8:47 pm in Florida, window 8 am to 8 pm; will go at 8:04 am.';

test('rules are named by what they are and where they hold', () => {
  expect(ruleName('block_list')).toBe('Block list:');
  expect(ruleName('quiet_hours:US-FL')).toBe('Quiet hours, US-FL:');
});

test('a text that something stopped says so at once', () => {
  const held = {
    status: 'queued',
    held_until: '2026-03-03T13:04:00Z',
    decision: DECISION,
    error_message: null,
  } as const;
  expect(lineOf(held)).toEqual({ text: DECISION, stopped: true });
  expect(lineOf({ ...held, held_until: null })).toEqual({ text: 'Waits to be sent', stopped: false });
  expect(lineOf({ ...held, status: 'delivered', held_until: null }).stopped).toBe(false);
});

test('what the carrier said comes before why it was sent', () => {
  const failed = { status: 'failed', held_until: null, decision: 'Sent.', error_message: 'Unreachable' } as const;
  expect(lineOf(failed).text).toBe('Unreachable');
  expect(lineOf({ ...failed, error_message: null }).text).toBe('Sent.');
});
