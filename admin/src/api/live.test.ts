import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LiveConnection, type LiveState } from './live';
import type { LiveFrame } from './types';

class FakeSocket {
  static made: FakeSocket[] = [];
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  closed = false;
  constructor(readonly url: string) {
    FakeSocket.made.push(this);
  }
  close() {
    this.closed = true;
  }
  says(frame: LiveFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  breaks(code = 1006) {
    this.onclose?.({ code });
  }
}

const latest = () => FakeSocket.made[FakeSocket.made.length - 1] as FakeSocket;
const after = () => new URL(latest().url).searchParams.get('after');

function connection() {
  const heard = { notes: [] as string[], resets: 0, identities: 0, states: [] as LiveState[] };
  const live = new LiveConnection(
    {
      notes: (notes) => heard.notes.push(...notes.map((note) => note.kind)),
      reset: () => {
        heard.resets += 1;
      },
      identity: () => {
        heard.identities += 1;
      },
      state: (state) => heard.states.push(state),
    },
    'ws://desk.test/ws/events',
  );
  live.start();
  return { live, heard };
}

let stop = () => {};
function start() {
  const started = connection();
  stop = () => started.live.stop();
  return started;
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made = [];
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('goes on where it was after a break', () => {
  const { heard } = start();
  expect(after()).toBeNull();
  latest().says({ type: 'live', at: 'a-1-0' });
  expect(heard).toMatchObject({ resets: 1, states: ['live'] });
  latest().says({ type: 'notes', at: 'a-2-0', notes: [{ kind: 'contact' }] });
  latest().says({ type: 'beat', at: 'a-3-0' });
  latest().breaks();
  expect(heard.states).toEqual(['live', 'off']);
  vi.advanceTimersByTime(500);
  expect(after()).toBe('a-3-0');
  latest().says({ type: 'live', at: 'a-3-0' });
  expect(heard).toMatchObject({ notes: ['contact'], resets: 1, states: ['live', 'off', 'live'] });
});

it('looks at everything anew when something may have been missed', () => {
  const { heard } = start();
  latest().says({ type: 'live', at: 'a-1-0' });
  latest().breaks();
  vi.advanceTimersByTime(500);
  latest().says({ type: 'reset', at: 'b-1-0' });
  expect(heard.resets).toBe(2);
  latest().breaks();
  vi.advanceTimersByTime(500);
  expect(after()).toBe('b-1-0');
});

it('says that nothing is heard while the server hears nothing', () => {
  const { heard } = start();
  latest().says({ type: 'live', at: 'a-1-0' });
  latest().says({ type: 'paused' });
  latest().says({ type: 'live', at: 'a-2-0' });
  expect(heard).toMatchObject({ resets: 1, states: ['live', 'paused', 'live'] });
});

it('tries again ever more slowly, and quickly after a success', () => {
  start();
  const pauses: number[] = [];
  for (let failure = 0; failure < 9; failure += 1) {
    const [made, began] = [FakeSocket.made.length, Date.now()];
    latest().breaks();
    while (FakeSocket.made.length === made) vi.advanceTimersByTime(50);
    pauses.push(Date.now() - began);
  }
  expect(pauses[0]).toBeLessThanOrEqual(550);
  expect(pauses[8]).toBeGreaterThanOrEqual(15_000);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(30_050);
  latest().says({ type: 'live', at: 'a-1-0' });
  latest().breaks();
  const made = FakeSocket.made.length;
  vi.advanceTimersByTime(500);
  expect(FakeSocket.made.length).toBe(made + 1);
});

it('tries at once when the network is back, or somebody looks', () => {
  start();
  for (let failure = 0; failure < 8; failure += 1) {
    latest().breaks();
    vi.advanceTimersByTime(30_000);
  }
  latest().breaks();
  const made = FakeSocket.made.length;
  window.dispatchEvent(new Event('online'));
  expect(FakeSocket.made.length).toBe(made + 1);
  window.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  expect(FakeSocket.made.length, 'one is enough').toBe(made + 1);
});

it('gives up a connection that has gone silent', () => {
  const { heard } = start();
  latest().says({ type: 'live', at: 'a-1-0' });
  const dead = latest();
  vi.advanceTimersByTime(59_000);
  dead.says({ type: 'beat' });
  vi.advanceTimersByTime(59_000);
  expect(heard.states).toEqual(['live']);
  vi.advanceTimersByTime(1_000);
  expect(dead.closed).toBe(true);
  expect(heard.states).toEqual(['live', 'off']);
  vi.advanceTimersByTime(500);
  expect(latest()).not.toBe(dead);
  dead.says({ type: 'notes', at: 'a-9-9', notes: [{ kind: 'contact' }] });
  expect(heard.notes, 'nobody listens to it any more').toEqual([]);
});

it('asks who is there when it is let go for that', () => {
  const { heard } = start();
  latest().breaks(4401);
  expect(heard.identities).toBe(1);
  vi.advanceTimersByTime(500);
  latest().breaks(1001);
  expect(heard.identities).toBe(1);
});

it('stays away once it was stopped', () => {
  const { live, heard } = start();
  latest().says({ type: 'live', at: 'a-1-0' });
  const { length } = FakeSocket.made;
  live.stop();
  expect(latest().closed).toBe(true);
  expect(heard.states).toEqual(['live', 'off']);
  latest().breaks();
  window.dispatchEvent(new Event('online'));
  vi.advanceTimersByTime(120_000);
  expect(FakeSocket.made.length).toBe(length);
});
