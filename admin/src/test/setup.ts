import { vi } from 'vitest';

// What Mantine asks of a browser and jsdom does not have.
Object.defineProperty(window, 'matchMedia', {
  writable: true,
  value: vi.fn().mockImplementation((query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
    dispatchEvent: vi.fn(),
  })),
});
Object.defineProperty(document, 'fonts', { value: new EventTarget() });
window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
// A connection that is never made: tests of live updates bring their own.
class NoSocket {
  close() {}
}
vi.stubGlobal('WebSocket', NoSocket);
window.WebSocket = NoSocket as unknown as typeof WebSocket;
Element.prototype.scrollTo = vi.fn() as unknown as typeof Element.prototype.scrollTo;
window.scrollTo = vi.fn() as unknown as typeof window.scrollTo;
