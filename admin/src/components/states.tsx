import { Alert, Button, Center, Loader, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { toProblem } from '@/api/problem';
import { ButtonLink } from './links';
import classes from './states.module.css';

export function PageLoading() {
  return (
    <Center mih={320}>
      <Loader type="dots" aria-label="Loading" />
    </Center>
  );
}

export function ErrorState({
  error,
  onRetry,
  title = 'This didn’t load',
}: {
  error: unknown;
  onRetry?: () => void;
  title?: string;
}) {
  const problem = toProblem(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={title} role="alert" m="md">
      <Text size="sm">{problem.message}</Text>
      {problem.requestId && (
        <Text size="xs" mt={4} ff="monospace">
          Request {problem.requestId}
        </Text>
      )}
      {onRetry && (
        <Button size="xs" mt="sm" color="red" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

export function EmptyState({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      {icon && (
        <div className={classes.emptyIcon} aria-hidden="true">
          {icon}
        </div>
      )}
      <p className={classes.emptyTitle}>{title}</p>
      {children && <div className={classes.emptyText}>{children}</div>}
    </div>
  );
}

export function SkeletonRows({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={10} p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
        <Skeleton key={index} height={height} radius="md" />
      ))}
    </Stack>
  );
}

type ListStateProps = {
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
  isEmpty: boolean;
  empty: ReactNode;
  skeleton?: ReactNode;
  errorTitle?: string;
  children: ReactNode;
};

/** The four faces of a list: loading, failed, empty, there. Data already shown stays when a refresh fails. */
export function ListState({ query, isEmpty, empty, skeleton, errorTitle, children }: ListStateProps) {
  if (query.isPending) return skeleton ?? <SkeletonRows />;
  if (query.error && isEmpty)
    return <ErrorState error={query.error} onRetry={() => query.refetch()} title={errorTitle} />;
  if (isEmpty) return empty;
  return children;
}

type MoreProps = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };

export function LoadMore({ query, label = 'Load more' }: { query: MoreProps; label?: string }) {
  if (!query.hasNextPage) return null;
  return (
    <Center p="md">
      <Button variant="default" size="sm" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        {label}
      </Button>
    </Center>
  );
}

export function Crash({ error, reset }: ErrorComponentProps) {
  useDocumentTitle('Something went wrong · Frontdesk');
  return (
    <Center mih="70vh" p="md">
      <Stack maw={520} w="100%" gap="xs">
        <Title order={1} px="md">
          Something went wrong
        </Title>
        <ErrorState
          error={error}
          title="This page couldn’t be shown"
          onRetry={() => {
            reset();
            window.location.reload();
          }}
        />
      </Stack>
    </Center>
  );
}

export function NotFound() {
  useDocumentTitle('Nothing here · Frontdesk');
  return (
    <Center mih="70vh" p="md">
      <Stack align="center" gap="xs">
        <Title order={1}>Nothing here</Title>
        <Text c="dimmed">This address doesn’t lead anywhere.</Text>
        <ButtonLink to="/" mt="sm">
          Go to the dashboard
        </ButtonLink>
      </Stack>
    </Center>
  );
}
