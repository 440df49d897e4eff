import { Button } from '@mantine/core';
import { IconArrowLeft, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { useMay } from '@/api/session';
import type { Duplicate } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { Row, Rows } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatPhone, personName } from '@/lib/phone';
import classes from './contacts.module.css';
import { MergeDialog } from './merge';

function Pair({ pair }: { pair: Duplicate }) {
  const writes = useMay('contacts.write');
  const [merging, setMerging] = useState(false);
  const named = [pair.contact, pair.other].map(
    (contact) => `${personName(contact)}, ${formatPhone(contact.phone_number)}`,
  );
  return (
    <Row
      data-testid="duplicate"
      title={
        <>
          <AnchorLink to="/contacts/$contactId" params={{ contactId: pair.contact.id }} inherit>
            {named[0]}
          </AnchorLink>
          {' and '}
          <AnchorLink to="/contacts/$contactId" params={{ contactId: pair.other.id }} inherit>
            {named[1]}
          </AnchorLink>
        </>
      }
      facts={pair.sentence}
      end={
        writes && (
          <Button
            variant="default"
            size="sm"
            aria-label={`Merge ${named.join(' and ')}`}
            onClick={() => setMerging(true)}
          >
            Merge…
          </Button>
        )
      }
    >
      {merging && <MergeDialog pair={[pair.contact, pair.other]} onClose={() => setMerging(false)} />}
    </Row>
  );
}

export function DuplicatesPage() {
  const query = api.useInfiniteQuery(
    'get',
    '/api/contacts/duplicates',
    { params: { query: { limit: 50 } } },
    { ...keyset, refetchInterval: false },
  );
  const pairs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const empty = query.hasNextPage ? (
    <>
      <EmptyState icon={<IconUsers size={24} stroke={1.7} />} title="None among the newest contacts" />
      <LoadMore query={query} label="Look further back" />
    </>
  ) : (
    <EmptyState icon={<IconUsers size={24} stroke={1.7} />} title="No likely duplicates">
      Contacts with one e-mail address, or with one name and the same place or nearly the same number, would stand here.
    </EmptyState>
  );
  return (
    <Page
      title="Likely duplicates"
      description="Contacts who may be one person, the newest first."
      above={
        <AnchorLink to="/contacts" size="sm" className={classes.back}>
          <IconArrowLeft size={16} aria-hidden /> Contacts
        </AnchorLink>
      }
    >
      <Card flush>
        <ListState query={query} isEmpty={pairs.length === 0} empty={empty}>
          <Rows label="Likely duplicates">
            {pairs.map((pair) => (
              <Pair key={`${pair.contact.id} ${pair.other.id}`} pair={pair} />
            ))}
          </Rows>
          <LoadMore query={query} label="Look further back" />
        </ListState>
      </Card>
    </Page>
  );
}
