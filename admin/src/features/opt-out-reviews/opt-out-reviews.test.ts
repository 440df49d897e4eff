import { expect, it } from 'vitest';
import { aroundEvidence } from './evidence';
import { optOutReviewsSearch } from './search';

it('marks the doubtful words where they stand', () => {
  expect(aroundEvidence('ugh, go away please', 'go away')).toEqual(['ugh, ', 'go away', ' please']);
  expect(aroundEvidence('STOP THAT', 'stop that')).toEqual(['', 'STOP THAT', '']);
});

it('prefers the words as they were written to the same ones in other letters', () => {
  expect(aroundEvidence('Stop? please stop', 'stop')).toEqual(['Stop? please ', 'stop', '']);
});

it('marks nothing rather than the wrong part', () => {
  expect(aroundEvidence('ugh, go away', 'wrong number')).toBeNull();
  expect(aroundEvidence('anything', ' ')).toBeNull();
  // The capital İ is longer in lower case.
  expect(aroundEvidence('İİ GO AWAY', 'go away')).toBeNull();
});

it('shows the open ones unless the address says decided', () => {
  expect(optOutReviewsSearch({ status: 'decided' })).toEqual({ status: 'decided' });
  expect(optOutReviewsSearch({ status: 'open' })).toEqual({});
});
