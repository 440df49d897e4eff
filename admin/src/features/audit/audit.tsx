import { Button, Collapse, Select, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconDownload, IconHistory } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { useZone } from '@/api/session';
import type { AuditEntry } from '@/api/types';
import { Pill } from '@/components/badges';
import { AnchorLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { Filters, Row, Rows, SearchField } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatDateTime } from '@/lib/time';
import classes from './audit.module.css';
import { actionWords, differences, exportHref, filtersOf, kindWords } from './entries';
import { ACTORS, type AuditSearch } from './search';

const route = getRouteApi('/app/audit');

const ACTOR_WORDS: Record<string, string> = { user: 'Person', api_key: 'API key', system: 'The program' };

/** Kinds of rows the log knows; another one in the address is shown too. */
const KINDS = [
  'ai_provider',
  'api_key',
  'appointment',
  'assistant_settings',
  'contact',
  'conversation',
  'installation_user',
  'invitation',
  'job',
  'knowledge_entry',
  'message',
  'opt_out_review',
  'organization',
  'role',
  'user',
];

function Changes({ entry }: { entry: AuditEntry }) {
  const rows = differences(entry.before, entry.after);
  if (rows.length === 0) return null;
  const [before, after] = [entry.before != null, entry.after != null];
  return (
    <table className={classes.diff}>
      <thead>
        <tr>
          <th scope="col">Field</th>
          {before && <th scope="col">Before</th>}
          {after && <th scope="col">After</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.field}>
            <th scope="row">{row.field}</th>
            {before && <td className={classes.before}>{row.before ?? ''}</td>}
            {after && <td className={classes.after}>{row.after ?? ''}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const zone = useZone();
  const [opened, { toggle }] = useDisclosure();
  return (
    <Row
      data-testid="audit-entry"
      title={
        <>
          {actionWords(entry.action)}
          {entry.actor_kind !== 'user' && (
            <Pill tone="neutral">{ACTOR_WORDS[entry.actor_kind] ?? entry.actor_kind}</Pill>
          )}
        </>
      }
      facts={
        <>
          by {entry.actor_name || 'somebody'} · <RelativeTime real value={entry.at} />
        </>
      }
    >
      <UnstyledButton className={classes.more} onClick={toggle} aria-expanded={opened}>
        Details <IconChevronDown size={14} aria-hidden className={classes.chevron} data-opened={opened || undefined} />
      </UnstyledButton>
      <Collapse expanded={opened}>
        <Changes entry={entry} />
        <p className={classes.origin}>
          {formatDateTime(entry.at, zone)} · {entry.action}
          {entry.ip && ` · from ${entry.ip}`}
          {entry.request_id && ` · request ${entry.request_id}`}
          {entry.user_agent && ` · ${entry.user_agent}`}
          {entry.target_id && (
            <>
              {' · '}
              <AnchorLink to="/audit" search={{ target: entry.target_id }} inherit>
                everything about this {kindWords(entry.target_kind).toLowerCase().replace('api', 'API')}
              </AnchorLink>
            </>
          )}
        </p>
      </Collapse>
    </Row>
  );
}

export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const narrow = (change: AuditSearch) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const query = api.useInfiniteQuery(
    'get',
    '/api/audit',
    { params: { query: { ...filtersOf(search, zone), limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const narrowed = Object.keys(search).length > 0;
  const kinds = search.kind && !KINDS.includes(search.kind) ? [...KINDS, search.kind] : KINDS;
  return (
    <Page
      title="Audit log"
      description="Who changed what, and when. Nobody can rewrite it."
      actions={
        <Button
          component="a"
          href={exportHref(search, zone)}
          download="audit.csv"
          variant="default"
          leftSection={<IconDownload size={17} />}
        >
          Download CSV
        </Button>
      }
    >
      <Filters>
        <SearchField
          key={narrowed ? 'narrowed' : 'all'}
          label="Search the log"
          placeholder="Action or name"
          initial={search.q ?? ''}
          onSearch={(text) => narrow({ q: text.trim() || undefined } as AuditSearch)}
        />
        <Select
          aria-label="Who"
          placeholder="Everybody"
          clearable
          w={150}
          value={search.actor ?? null}
          data={ACTORS.map((value) => ({ value, label: ACTOR_WORDS[value] ?? value }))}
          onChange={(value) => narrow({ actor: ACTORS.find((a) => a === value) } as AuditSearch)}
        />
        <Select
          aria-label="What"
          placeholder="Everything"
          clearable
          searchable
          w={190}
          value={search.kind ?? null}
          data={kinds.map((value) => ({ value, label: kindWords(value) }))}
          onChange={(value) => narrow({ kind: value ?? undefined } as AuditSearch)}
        />
        <TextInput
          type="date"
          aria-label="From"
          value={search.from ?? ''}
          max={search.to}
          onChange={(event) => narrow({ from: event.currentTarget.value || undefined } as AuditSearch)}
        />
        <TextInput
          type="date"
          aria-label="To"
          value={search.to ?? ''}
          min={search.from}
          onChange={(event) => narrow({ to: event.currentTarget.value || undefined } as AuditSearch)}
        />
        {narrowed && (
          <Button variant="subtle" color="gray" onClick={() => void navigate({ search: {}, replace: true })}>
            Show everything
          </Button>
        )}
      </Filters>
      <Card flush>
        <ListState
          query={query}
          isEmpty={entries.length === 0}
          empty={
            <EmptyState
              icon={<IconHistory size={24} stroke={1.7} />}
              title={narrowed ? 'Nothing matches' : 'Nothing was changed yet'}
            >
              Every change that staff and their programs make stands here.
            </EmptyState>
          }
        >
          <Rows label="Entries">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </Rows>
          <LoadMore query={query} />
        </ListState>
      </Card>
    </Page>
  );
}
