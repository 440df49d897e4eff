import { expect, it } from 'vitest';
import type { TextPreview } from '@/api/types';
import { costWords, culpritWords } from './text-check';

const culprit = (character: string, name: string) => ({ character, name, index: 0, count: 1 });

const preview = (more: Partial<TextPreview> = {}): TextPreview => ({
  characters: 80,
  longest: 1600,
  segments: { encoding: 'ucs2', parts: 2, units: 80, left_in_part: 54, culprits: [culprit('’', 'curly apostrophe')] },
  plain: { text: "It's", parts: 1, saved: 1 },
  cost: null,
  plain_cost: null,
  keywords: [],
  ...more,
});

it('names the character that makes a text dear', () => {
  expect(culpritWords(preview())).toBe(
    '’ (curly apostrophe) makes this 2 SMS instead of 1 SMS: each holds 70 characters, not 160.',
  );
  const segments = {
    ...preview().segments,
    culprits: ['a', 'b', 'c', 'd'].map((c) => culprit(c, 'emoji')),
  };
  expect(culpritWords(preview({ segments, plain: null }))).toMatch(
    /^a \(emoji\), b \(emoji\), c \(emoji\) and others make this 2 SMS:/,
  );
});

it('says what a text costs, and what plain characters save', () => {
  expect(costWords(preview())).toBe('');
  const cost = { amount: 0.0238, currency: 'USD' };
  expect(costWords(preview({ cost }))).toBe('About $0.0238');
  expect(costWords(preview({ cost, plain_cost: { amount: 0.0119, currency: 'USD' } }))).toBe(
    'About $0.0238, or $0.0119 with plain characters',
  );
});
