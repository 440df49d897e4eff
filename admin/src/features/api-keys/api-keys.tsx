import { Button, Select, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { apiKeysChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { ApiKey } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { Filters, Row, Rows, SearchField } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatDateTime } from '@/lib/time';
import { MakeKey } from './make-key';
import { STATUSES } from './search';

const route = getRouteApi('/app/api-keys');

function Revoke({ apiKey }: { apiKey: ApiKey }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const revoke = api.useMutation('delete', '/api/api-keys/{id}', {
    onSuccess: () => {
      close();
      notifyDone('Key revoked', apiKey.name);
    },
    onError: (error) => notifyProblem('Couldn’t revoke the key', toProblem(error)),
    onSettled: () => apiKeysChanged(client),
  });
  return (
    <>
      <Button size="xs" variant="subtle" color="red" onClick={open} aria-label={`Revoke ${apiKey.name}`}>
        Revoke
      </Button>
      <Confirm
        opened={opened}
        title={`Revoke ${apiKey.name}?`}
        confirmLabel="Revoke"
        keepLabel="Keep it"
        busy={revoke.isPending}
        onClose={close}
        onConfirm={() => revoke.mutate({ params: { path: { id: apiKey.id } } })}
      >
        Whatever uses it is refused from this moment. A revoked key never works again.
      </Confirm>
    </>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const zone = useZone();
  const { status, bootstrap, scopes } = apiKey;
  return (
    <Row
      data-testid="api-key"
      title={
        <>
          {apiKey.name}
          {bootstrap && <Pill tone="info">From the configuration</Pill>}
          {status === 'expired' && <Pill tone="warn">Expired</Pill>}
          {status === 'revoked' && <Pill tone="bad">Revoked</Pill>}
        </>
      }
      facts={
        <>
          {apiKey.prefix && `${apiKey.prefix}… · `}
          <Tooltip label={scopes.join(', ')} multiline maw={360} disabled={bootstrap}>
            <span>
              {bootstrap ? 'may do everything' : scopes.length === 1 ? scopes[0] : `${scopes.length} permissions`}
            </span>
          </Tooltip>
          {apiKey.created_by && ` · made by ${apiKey.created_by}`} ·{' '}
          {apiKey.last_used_at ? (
            <>
              used <RelativeTime real value={apiKey.last_used_at} />
            </>
          ) : (
            'never used'
          )}
          {status === 'active' && apiKey.expires_at && ` · until ${formatDateTime(apiKey.expires_at, zone)}`}
        </>
      }
      end={!bootstrap && status !== 'revoked' && <Revoke apiKey={apiKey} />}
    />
  );
}

export function ApiKeysPage() {
  const { q, status } = route.useSearch();
  const navigate = route.useNavigate();
  const [opened, { open, close }] = useDisclosure();
  const query = api.useInfiniteQuery(
    'get',
    '/api/api-keys',
    { params: { query: { q, status, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const keys = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="API keys"
      description="How programs prove who they are. Each may do what its key allows, and no more."
      actions={
        <Button leftSection={<IconPlus size={17} />} onClick={open}>
          New key
        </Button>
      }
    >
      <Filters>
        <SearchField
          label="Search keys"
          placeholder="Name or beginning"
          initial={q ?? ''}
          onSearch={(text) =>
            void navigate({ search: (now) => ({ ...now, q: text.trim() || undefined }), replace: true })
          }
        />
        <Select
          aria-label="Status"
          placeholder="Every status"
          clearable
          w={170}
          value={status ?? null}
          data={[
            { value: 'active', label: 'Active' },
            { value: 'expired', label: 'Expired' },
            { value: 'revoked', label: 'Revoked' },
          ]}
          onChange={(value) =>
            void navigate({ search: (now) => ({ ...now, status: STATUSES.find((s) => s === value) }), replace: true })
          }
        />
      </Filters>
      <Card flush>
        <ListState
          query={query}
          isEmpty={keys.length === 0}
          empty={
            <EmptyState
              icon={<IconKey size={24} stroke={1.7} />}
              title={q || status ? 'No key matches' : 'No keys yet'}
            >
              A key lets a program of yours read contacts, book appointments or send texts.
            </EmptyState>
          }
        >
          <Rows label="API keys">
            {keys.map((key) => (
              <KeyRow key={key.id} apiKey={key} />
            ))}
          </Rows>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <MakeKey opened={opened} onClose={close} />
    </Page>
  );
}
