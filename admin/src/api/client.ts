import createFetchClient, { type Middleware } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { problemFromResponse, unreachable } from './problem';
import type { paths } from './schema';

/** Health answers 503 with a health document, not a problem: that answer is the information. */
const answersWithoutProblem = new Set(['/api/health']);

const throwProblems: Middleware = {
  async onResponse({ response, schemaPath }) {
    if (response.ok || (response.status === 503 && answersWithoutProblem.has(schemaPath))) return undefined;
    throw await problemFromResponse(response);
  },
  // Told apart here, where it is fetch that rejects: anywhere else a TypeError is a bug. A request called off is neither.
  onError({ error }) {
    return error instanceof TypeError ? unreachable() : undefined;
  },
};

export const http = createFetchClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  // Looked up at each call, so tests can put their own fetch in place.
  fetch: (request) => globalThis.fetch(request),
});
http.use(throwProblems);

export const api = createQueryClient(http);

/** The paging options every "load more" list uses. */
export const keyset = {
  pageParamName: 'cursor',
  // Not undefined: the library would put a 0 in its place. Null is left out of the query.
  initialPageParam: null,
  getNextPageParam: (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined,
};
