import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isUnauthenticated, toProblem } from '@/api/problem';

/** One client for the whole app. Whatever request finds the session gone or a row changed meanwhile, the same thing happens. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isUnauthenticated(error)) onSignedOut();
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({
      onError: (error) => {
        onError(error);
        // What is on screen is not what is there: forms learn from the rows anew what they are in conflict with.
        if (toProblem(error).code === 'version_conflict') void client.invalidateQueries();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => {
          const { status } = toProblem(error);
          return failures < 2 && (status === 0 || status >= 500);
        },
      },
    },
  });
  return client;
}
