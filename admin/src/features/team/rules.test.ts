import { expect, test } from 'vitest';
import type { TeamMessage } from '@/api/types';
import { firstLine, lastRead, quoted, sendable, sendsOn } from './rules';

const message = (id: string, sender: string, more: Partial<TeamMessage> = {}): TeamMessage => ({
  id,
  thread_id: id,
  parent_id: null,
  sender: { id: sender, display_name: sender },
  recipient: { id: 'other', display_name: 'other' },
  body: id,
  created_at: '2026-11-21T15:00:00Z',
  read_at: null,
  edited_at: null,
  deleted_at: null,
  version: 1,
  ...more,
});

test('what is sent has words, and not too many', () => {
  expect(sendable(' \n')).toBe(false);
  expect(sendable('hi')).toBe(true);
  expect(sendable('🦀'.repeat(4000))).toBe(true);
  expect(sendable('x'.repeat(4001))).toBe(false);
});

test('enter sends, shift and enter does not', () => {
  expect(sendsOn({ key: 'Enter', shiftKey: false })).toBe(true);
  expect(sendsOn({ key: 'Enter', shiftKey: true })).toBe(false);
  expect(sendsOn({ key: 'a', shiftKey: false })).toBe(false);
});

test('only the last of mine that was read says so', () => {
  const read = { read_at: '2026-11-21T15:01:00Z' };
  const messages = [message('1', 'me', read), message('2', 'me', read), message('3', 'ben', read), message('4', 'me')];
  expect(lastRead(messages, 'me')).toBe('2');
  expect(lastRead([message('1', 'me')], 'me')).toBeUndefined();
  expect(lastRead([message('1', 'me', { ...read, deleted_at: read.read_at })], 'me')).toBeUndefined();
});

test('an answer quotes what does not stand right before it', () => {
  const messages = [message('1', 'ben'), message('2', 'ben'), message('3', 'me', { parent_id: '1' })];
  expect(quoted(messages, 2)?.id).toBe('1');
  expect(quoted([messages[0] as TeamMessage, message('3', 'me', { parent_id: '1' })], 1)).toBeUndefined();
  expect(quoted([message('3', 'me', { parent_id: 'gone' })], 0)).toBeUndefined();
});

test('a quote is one short line', () => {
  expect(firstLine(' a\nb ')).toBe('a');
  expect(firstLine('x'.repeat(200))).toHaveLength(90);
});
