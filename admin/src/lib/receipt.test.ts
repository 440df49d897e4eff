import { describe, expect, it, test } from 'vitest';
import { handoverLines, lineOf, ruleName } from './receipt';

const DECISION = 'Held: 8:47 pm in Florida, window 8 am to 8 pm; will go at 8:04 am.';

test('rules are named by what they are and where they hold', () => {
  expect(ruleName('block_list')).toBe('Block list:');
  expect(ruleName('quiet_hours:us-fl')).toBe('Quiet hours, US-FL:');
  expect(ruleName('quiet_hours:us-federal')).toBe('Quiet hours, United States:');
  expect(ruleName('quiet_hours:default-marketing')).toBe('Quiet hours, your own:');
  expect(ruleName('cap:something-new')).toBe('Cap, something-new:');
});

test('a text that something stopped says so at once', () => {
  const held = {
    status: 'queued',
    held_until: '2026-03-03T13:04:00Z',
    decision: DECISION,
    error_message: null,
    resent: 0,
  } as const;
  expect(lineOf(held)).toEqual({ text: DECISION, stopped: true });
  expect(lineOf({ ...held, held_until: null })).toEqual({ text: 'Waits to be sent', stopped: false });
  expect(lineOf({ ...held, status: 'delivered', held_until: null }).stopped).toBe(false);
});

test('what the carrier said comes before why it was sent', () => {
  const failed = {
    status: 'failed',
    held_until: null,
    decision: 'Sent.',
    error_message: 'Unreachable',
    resent: 1,
  } as const;
  expect(lineOf(failed).text).toBe('Unreachable');
  expect(lineOf({ ...failed, error_message: null }).text).toBe('Sent.');
});

describe('what its status does not tell', () => {
  const sent = {
    status: 'delivered',
    resent: 0,
    unknown_outcomes: 0,
    error_message: null,
    price: null,
    price_unit: null,
    segments: 1,
  } as const;

  it('is nothing where all went well', () => {
    expect(handoverLines(sent)).toEqual([]);
  });

  it('is each further try, with its reason where it is about that', () => {
    expect(handoverLines({ ...sent, resent: 1 })).toEqual([
      'Handed over again once, because it had not been delivered.',
    ]);
    expect(handoverLines({ ...sent, status: 'sent', resent: 2, error_message: 'The phone was off.' })).toEqual([
      'Handed over again twice, because it had not been delivered: The phone was off.',
    ]);
    expect(handoverLines({ ...sent, status: 'failed', resent: 3, error_message: 'Given up.' })).toEqual([
      'Handed over again 3 times, because it had not been delivered.',
    ]);
  });

  it('says of a text that waits for another try why it does', () => {
    const waits = { ...sent, status: 'queued', resent: 1, error_message: 'No reason given.' } as const;
    const line = 'Not delivered once, and waits for another try: No reason given.';
    expect(handoverLines(waits)).toEqual([line]);
    expect(lineOf({ ...waits, held_until: null, decision: 'Sent.' })).toEqual({ text: line, stopped: true });
    expect(lineOf({ ...waits, held_until: '2026-03-03T13:04:00Z', decision: DECISION }).text).toBe(DECISION);
  });

  it('is a lost answer, and the price', () => {
    const lines = handoverLines({ ...sent, unknown_outcomes: 1, price: 0.0158, price_unit: 'USD', segments: 2 });
    expect(lines).toEqual([
      'It was not known at first whether the provider had taken it; that was found out before anything else.',
      'Cost $0.0158 for 2 parts.',
    ]);
    expect(handoverLines({ ...sent, status: 'sending', unknown_outcomes: 1 })[0]).toMatch(/^It is not known yet/);
    expect(handoverLines({ ...sent, unknown_outcomes: 2 })[0]).toMatch(/^It was not known twice whether/);
    expect(handoverLines({ ...sent, price: 0, price_unit: 'USD' })).toEqual(['Cost $0.00.']);
  });
});
