import { api, keyset } from '@/api/client';
import { useZone } from '@/api/session';
import type { TimelineEntry } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { Card } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { Row, Rows } from '@/components/rows';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { formatDateTime } from '@/lib/time';
import { happened } from './happened';

function Entry({ entry }: { entry: TimelineEntry }) {
  const zone = useZone();
  const title = happened(entry);
  return (
    <Row
      data-testid="timeline-entry"
      title={
        entry.import_id ? (
          <AnchorLink to="/contacts/imports/$importId" params={{ importId: entry.import_id }} inherit>
            {title}
          </AnchorLink>
        ) : (
          title
        )
      }
      facts={
        <>
          {entry.words && `${entry.words}${entry.booked_for ? `, ${formatDateTime(entry.booked_for, zone)}` : ''} · `}
          {entry.by && `${entry.by}, `}
          <RelativeTime value={entry.at} />
        </>
      }
    />
  );
}

/** All that happened with the contact, in one list. */
export function Timeline({ contactId }: { contactId: string }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/contacts/{id}/timeline',
    { params: { path: { id: contactId }, query: { limit: 15 } } },
    { ...keyset, refetchInterval: 15_000 },
  );
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title="Timeline" flush>
      <ListState
        query={query}
        isEmpty={entries.length === 0}
        skeleton={<SkeletonRows rows={3} />}
        empty={<EmptyState title="Nothing has happened yet" />}
      >
        <Rows label="Timeline">
          {entries.map((entry) => (
            <Entry key={`${entry.kind} ${entry.id}`} entry={entry} />
          ))}
        </Rows>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}
