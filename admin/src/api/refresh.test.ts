import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { concerns } from './invalidate';
import { Refresher } from './refresh';

const message = (id: string) => ({ pages: [{ items: [{ id, body: 'hi' }] }], pageParams: [null] });
const thread = (id: string) => ['get', '/api/messages', { params: { query: { conversation_id: id } } }];

it('knows which thread a note is about', () => {
  const here = thread('c1');
  expect(concerns({ kind: 'conversation', ids: ['c1'] }, here, undefined)).toBe(true);
  expect(concerns({ kind: 'conversation', ids: ['c2'] }, here, undefined)).toBe(false);
  expect(concerns({ kind: 'conversation' }, here, undefined), 'any of them').toBe(true);
  const contact = ['get', '/api/messages', { params: { query: { contact_id: 'p1' } } }];
  expect(concerns({ kind: 'conversation', ids: ['c2'] }, contact, undefined), 'whose it is is not said').toBe(true);
  expect(concerns({ kind: 'message', ids: ['m1'] }, here, message('m1'))).toBe(true);
  expect(concerns({ kind: 'message', ids: ['m2'] }, here, message('m1'))).toBe(false);
  expect(concerns({ kind: 'message' }, here, message('m1'))).toBe(true);
});

it('leaves what is not concerned alone, and kinds it does not know', () => {
  expect(concerns({ kind: 'contact', ids: ['p1'] }, ['get', '/api/contacts'], undefined)).toBe(true);
  const detail = ['get', '/api/contacts/{id}', { params: { path: { id: 'p2' } } }];
  expect(concerns({ kind: 'contact', ids: ['p1'] }, detail, undefined)).toBe(false);
  expect(concerns({ kind: 'contact', ids: ['p1'] }, ['get', '/api/jobs'], undefined)).toBe(false);
  expect(concerns({ kind: 'appointment' }, ['get', '/api/slots', 'week', { from: 'x' }], undefined)).toBe(true);
  expect(concerns({ kind: 'later' as 'contact' }, ['get', '/api/contacts'], undefined)).toBe(false);
});

let client: QueryClient;
let refresher: Refresher;
let hidden = false;

/** A query on screen; how often it asked. */
function onScreen(...queryKey: unknown[]) {
  const asked = vi.fn(async () => ({ items: [] }));
  const observer = new QueryObserver(client, { queryKey, queryFn: asked, staleTime: Number.POSITIVE_INFINITY });
  observer.subscribe(() => {});
  return asked;
}

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
  hidden = false;
  client = new QueryClient();
  refresher = new Refresher(client);
  refresher.start();
});
afterEach(() => {
  refresher.stop();
  client.clear();
  vi.useRealTimers();
});

it('asks soon for what is concerned, and once for many notes', async () => {
  const [list, jobs] = [onScreen('get', '/api/conversations'), onScreen('get', '/api/jobs')];
  await vi.advanceTimersByTimeAsync(0);
  for (let n = 0; n < 20; n += 1) refresher.hear([{ kind: 'conversation', ids: [`c${n}`] }]);
  await vi.advanceTimersByTimeAsync(50);
  expect(list).toHaveBeenCalledTimes(2);
  for (let n = 0; n < 100; n += 1) {
    refresher.hear([{ kind: 'conversation', ids: ['c1'] }]);
    await vi.advanceTimersByTimeAsync(30);
  }
  expect(list.mock.calls.length, 'three seconds of notes').toBeGreaterThanOrEqual(4);
  expect(list.mock.calls.length).toBeLessThanOrEqual(5);
  expect(jobs).toHaveBeenCalledTimes(1);
});

it('asks for costly figures more rarely, and never forgets them', async () => {
  const figures = onScreen('get', '/api/analytics/dashboard');
  await vi.advanceTimersByTimeAsync(0);
  refresher.hear([{ kind: 'appointment' }]);
  await vi.advanceTimersByTimeAsync(50);
  expect(figures).toHaveBeenCalledTimes(2);
  const list = onScreen('get', '/api/appointments');
  await vi.advanceTimersByTimeAsync(0);
  refresher.hear([{ kind: 'appointment' }]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(list).toHaveBeenCalledTimes(2);
  expect(figures).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(figures).toHaveBeenCalledTimes(3);
  expect(list, 'what waited was the figures').toHaveBeenCalledTimes(2);
});

it('waits out of sight, but for the badges', async () => {
  const [list, inbox] = [onScreen('get', '/api/conversations'), onScreen('get', '/api/inbox')];
  await vi.advanceTimersByTimeAsync(0);
  hidden = true;
  refresher.hear([{ kind: 'conversation', ids: ['c1'] }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(list).toHaveBeenCalledTimes(1);
  expect(inbox).toHaveBeenCalledTimes(2);
  hidden = false;
  document.dispatchEvent(new Event('visibilitychange'));
  await vi.advanceTimersByTimeAsync(0);
  expect(list).toHaveBeenCalledTimes(2);
  expect(inbox).toHaveBeenCalledTimes(2);
});

it('asks for everything that is told of when something was missed', async () => {
  const [list, jobs] = [onScreen('get', '/api/conversations'), onScreen('get', '/api/health')];
  await vi.advanceTimersByTimeAsync(0);
  refresher.everything();
  await vi.advanceTimersByTimeAsync(0);
  expect(list).toHaveBeenCalledTimes(2);
  expect(jobs).toHaveBeenCalledTimes(1);
});
