import { vi } from 'vitest';

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };

/** Answers "GET /api/contacts" and the like; anything else fails the test. Returns the requests made. */
export function mockFetch(
  routes: Record<string, Answer | ((request: Request) => Answer | Promise<Answer>)>,
): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal('fetch', async (input: Request) => {
    requests.push(input.clone());
    const key = `${input.method} ${new URL(input.url).pathname}`;
    const route = routes[key];
    if (!route) throw new Error(`no answer prepared for ${key}`);
    const { status = 200, body, headers = {} } = typeof route === 'function' ? await route(input) : route;
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    return new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': type, ...headers },
    });
  });
  return requests;
}
