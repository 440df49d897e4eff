import { expect, it } from 'vitest';
import { failingParts, healthSentence, readHealth } from './health';

const down = { status: 'red', db: 'ok', redis: 'connection refused' } as const;

it('names the part that fails', () => {
  expect(failingParts(down)).toEqual([{ name: 'Redis', says: 'connection refused' }]);
  expect(healthSentence(down)).toMatch(/^Not working: Redis \(connection refused\)\./);
  expect(healthSentence({ db: 'timeout', redis: 'down' })).toMatch(/the database \(timeout\) and Redis \(down\)/);
});

it('knows a health document among errors', () => {
  expect(readHealth(down)).toEqual(down);
  expect(readHealth(new Error('x'))).toBeUndefined();
  expect(readHealth({ status: 503 })).toBeUndefined();
});
