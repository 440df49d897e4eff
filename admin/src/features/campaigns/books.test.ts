import { describe, expect, it } from 'vitest';
import type { CampaignBooks, CampaignTexts } from '@/api/types';
import { addsUp, chaptersOf, doneOf, partsOf, reasonsOf } from './books';

const none: CampaignTexts = {
  queued: 0,
  sending: 0,
  sent: 0,
  delivered: 0,
  read: 0,
  failed: 0,
  undelivered: 0,
  canceled: 0,
  ambiguous: 0,
  no_longer_kept: 0,
};

const books: CampaignBooks = {
  audience: 30,
  texted: 18,
  waiting: [
    { reason: '', targets: 4 },
    { reason: 'quiet_hours', targets: 5 },
  ],
  skipped: [{ reason: 'no_consent', targets: 3 }],
  texts: {
    ...none,
    delivered: 9,
    read: 1,
    sent: 2,
    sending: 1,
    ambiguous: 1,
    failed: 2,
    canceled: 1,
    no_longer_kept: 1,
  },
  errors: [
    { code: 'opted_out', texts: 1 },
    { code: '30007', texts: 2 },
  ],
  stopped: [{ reason: 'replied', targets: 2 }],
  waiting_for_next_step: 3,
  replied: 2,
  clicked: 0,
  booked: 1,
  opted_out: 0,
  segments: 20,
  steps: [],
  variants: [],
  balanced: true,
};

describe('the books', () => {
  it('have everybody in one place', () => {
    expect(partsOf(books).map((part) => [part.name, part.n])).toEqual([
      ['delivered', 10],
      ['sent', 3],
      ['leaving', 2],
      ['failed', 3],
      ['skipped', 3],
      ['waiting', 9],
    ]);
    expect(partsOf(books).reduce((sum, part) => sum + part.n, 0)).toBe(books.audience);
    expect(addsUp(books)).toBe(true);
    expect(Math.round(doneOf(books))).toBe(70);
    expect(doneOf({ ...books, audience: 0 })).toBe(0);
  });

  it('say so where they do not come to the audience', () => {
    expect(addsUp({ ...books, audience: 31 })).toBe(false);
    expect(addsUp({ ...books, texts: { ...books.texts, sent: 3 } })).toBe(false);
    expect(addsUp({ ...books, balanced: false })).toBe(false);
  });

  it('count a text once: what failed stands below it by its reason, and is not added again', () => {
    const [texted] = chaptersOf(books);
    expect(texted?.n).toBe(18);
    const parts = texted?.lines.filter((line) => line.of);
    expect(parts?.map((line) => [line.code, line.n])).toEqual([
      ['30007', 2],
      ['opted_out', 1],
    ]);
    const whole = texted?.lines.filter((line) => !line.of).reduce((sum, line) => sum + line.n, 0);
    expect(whole).toBe(18);
  });

  it('list the most frequent reason first, in words', () => {
    expect(chaptersOf(books)[1]?.lines.map((line) => line.label)).toEqual(['quiet hours where they are', 'their turn']);
    expect(reasonsOf(books)).toEqual(['quiet_hours', 'no_consent', 'replied']);
  });
});
