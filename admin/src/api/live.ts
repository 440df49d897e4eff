// The one connection over which the server says what changed. What came of it is read with `useLive`; nothing else knows of WebSockets.
import { useSyncExternalStore } from 'react';
import type { LiveFrame, LiveNote } from './types';

/** The server says something every 25 seconds; a connection silent for longer than two of them is dead, whatever the browser thinks. */
const SILENCE = 60_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

/** live: what changes is heard. paused: connected, but the server hears nothing itself. off: not connected. */
export type LiveState = 'off' | 'paused' | 'live';

export type LiveHandlers = {
  notes: (notes: LiveNote[]) => void;
  /** Anything may have changed unheard. */
  reset: () => void;
  /** Whoever is signed in may be somebody else by now, or nobody. */
  identity: () => void;
  state: (state: LiveState) => void;
};

/** Keeps a connection, makes it anew when it breaks, and goes on where it was. */
export class LiveConnection {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private stopped = false;
  private at: string | undefined;
  private state: LiveState = 'off';

  constructor(
    private readonly handlers: LiveHandlers,
    private readonly url: string = `${window.location.origin.replace(/^http/, 'ws')}/ws/events`,
  ) {}

  start(): void {
    window.addEventListener('online', this.again);
    document.addEventListener('visibilitychange', this.whenSeen);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.again);
    document.removeEventListener('visibilitychange', this.whenSeen);
    this.leave();
    this.become('off');
  }

  /** There is a reason to think that it would work now. */
  private readonly again = (): void => {
    if (this.stopped || this.socket) return;
    this.failures = 0;
    this.connect();
  };

  private readonly whenSeen = (): void => {
    if (!document.hidden) this.again();
  };

  private connect(): void {
    clearTimeout(this.timer);
    const socket = new WebSocket(this.at === undefined ? this.url : `${this.url}?after=${encodeURIComponent(this.at)}`);
    this.socket = socket;
    this.expectWord();
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return;
      this.expectWord();
      this.hear(JSON.parse(String(data)) as LiveFrame);
    };
    socket.onclose = ({ code }) => {
      if (this.socket === socket) this.lost(code);
    };
  }

  private hear(frame: LiveFrame): void {
    const fresh = this.at === undefined;
    if ('at' in frame && frame.at) this.at = frame.at;
    switch (frame.type) {
      case 'live':
        this.failures = 0;
        this.become('live');
        // What was loaded before anything was heard may be old already.
        if (fresh) this.handlers.reset();
        break;
      case 'reset':
        this.failures = 0;
        this.become('live');
        this.handlers.reset();
        break;
      case 'notes':
        this.handlers.notes(frame.notes);
        break;
      case 'paused':
        this.become('paused');
        break;
      // A beat has been heard by being heard; later versions may say more.
      default:
    }
  }

  private lost(code: number): void {
    this.leave();
    this.become('off');
    // Signed out (4401), or with another role (4403). Whoever is signed out is led away, which stops this.
    if (code === 4401 || code === 4403) this.handlers.identity();
    const pause = Math.min(FIRST_PAUSE * 2 ** this.failures, LONGEST_PAUSE);
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), pause * (0.5 + Math.random() / 2));
  }

  private leave(): void {
    clearTimeout(this.timer);
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  private expectWord(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lost(1006), SILENCE);
  }

  private become(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    this.handlers.state(state);
  }
}

let current: LiveState = 'off';
const listeners = new Set<() => void>();

export function setLive(state: LiveState): void {
  current = state;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** How it stands with live updates in this tab. */
export const useLive = (): LiveState => useSyncExternalStore(subscribe, () => current);

/** While changes are heard of, looking all the same is only for what a fault may have swallowed. */
const LIVE_POLL = 60_000;

/** How often to look, in milliseconds, at what the server also tells of. */
export const usePoll = (usual: number): number => (useLive() === 'live' ? Math.max(usual, LIVE_POLL) : usual);
