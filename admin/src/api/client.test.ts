import { afterEach, expect, it, vi } from 'vitest';
import { http } from './client';
import { ApiProblem } from './problem';

afterEach(() => vi.unstubAllGlobals());

const thrownBy = (request: Promise<unknown>): Promise<unknown> =>
  request.then(
    () => 'nothing',
    (error: unknown) => error,
  );

it('calls a request without an answer a failure of the network', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  const thrown = await thrownBy(http.GET('/api/inbox'));
  expect(thrown).toBeInstanceOf(ApiProblem);
  expect(thrown).toMatchObject({ status: 0, code: 'network' });
});

it('lets a request that was called off be that', async () => {
  vi.stubGlobal('fetch', ({ signal }: Request) => Promise.reject(signal.reason));
  const controller = new AbortController();
  controller.abort();
  expect(await thrownBy(http.GET('/api/inbox', { signal: controller.signal }))).toMatchObject({ name: 'AbortError' });
});

it('throws what the server answers as a problem', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ code: 'forbidden' }, { status: 403 }));
  expect(await thrownBy(http.GET('/api/inbox'))).toMatchObject({ status: 403, code: 'forbidden' });
});
