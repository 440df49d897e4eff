import { describe, expect, it } from 'vitest';
import { readChoice, readOffers, stateSentence, whoAnswers } from './dialogue';

const LA = 'America/Los_Angeles';
const offer = { slot_id: 's1', start_time: '2026-11-24T22:00:00Z', label: 'Tue 2:00 PM' };

describe('the dialogue object', () => {
  it('gives up its offers in order', () => {
    const second = { ...offer, slot_id: 's2' };
    expect(readOffers({ state: 'showing_slots', offers: [offer, second] }).map((o) => o.slotId)).toEqual(['s1', 's2']);
  });

  it('is read defensively', () => {
    for (const odd of [null, undefined, 'idle', [], { offers: 'none' }, { offers: [null, 3, {}] }]) {
      expect(readOffers(odd)).toEqual([]);
    }
    expect(readChoice(null)).toBeNull();
  });

  it('finds the time that waits for a yes wherever it is kept', () => {
    expect(readChoice({ state: 'confirming_booking', choice: offer })?.startTime).toBe(offer.start_time);
    expect(readChoice({ state: 'confirming_booking', ...offer })?.startTime).toBe(offer.start_time);
    expect(readChoice({ state: 'showing_slots', offers: [offer] })).toBeNull();
  });

  it('names the new time of a move, not the old one', () => {
    const booking = { booking_id: 'b1', start_time: '2026-11-20T18:00:00Z' };
    const move = { state: 'confirming_reschedule', booking, offer };
    expect(readChoice(move)?.startTime).toBe(offer.start_time);
    expect(stateSentence('confirming_reschedule', move, LA)).toMatch(/^Waiting for a yes to move to Tue, Nov 24/);
    expect(stateSentence('confirming_cancel', { state: 'confirming_cancel', booking }, LA)).toMatch(
      /cancel Fri, Nov 20/,
    );
  });

  it('says what detail is missing', () => {
    expect(stateSentence('awaiting_info', { need: 'which_to_cancel', bookings: [] }, LA)).toMatch(
      /which appointment to cancel/,
    );
    expect(stateSentence('awaiting_info', { need: 'odd' }, LA)).toBe('Waiting for a detail it asked for.');
  });

  it('becomes a sentence in the organization’s zone', () => {
    expect(stateSentence('showing_slots', { offers: [offer, offer, offer] }, LA)).toBe(
      'Offered 3 times; waiting for a choice.',
    );
    expect(stateSentence('confirming_booking', { choice: offer }, LA)).toMatch(
      /^Waiting for a yes to book Tue, Nov 24,.* 2:00 PM\.$/,
    );
    expect(stateSentence('confirming_booking', {}, LA)).toBe('Waiting for a yes to book.');
    expect(stateSentence('idle', {}, LA)).toBe('Nothing is pending. The next text starts fresh.');
  });
});

it('says who answers, and until when', () => {
  const human_until = '2026-11-24T22:00:00Z';
  expect(whoAnswers({ mode: 'bot', human_until: null }, LA)).toBe('The assistant answers.');
  expect(whoAnswers({ mode: 'human', assignee: { display_name: 'Maya Ortiz' }, human_until }, LA)).toMatch(
    /^Maya Ortiz answers\. Unless staff write again, the assistant takes over Tue, Nov 24,.* 2:00 PM\.$/,
  );
  expect(whoAnswers({ mode: 'human' }, LA)).toBe('A person answers; the assistant keeps quiet.');
});
