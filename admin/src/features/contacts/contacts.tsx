import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconAddressBook, IconSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { OptInBadge } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { Person } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import classes from './contacts.module.css';

const route = getRouteApi('/app/contacts');

function Search({ initial, onSearch }: { initial: string; onSearch: (q: string) => void }) {
  const [text, setText] = useState(initial);
  const later = useDebouncedCallback(onSearch, 300);
  return (
    <TextInput
      type="search"
      aria-label="Search contacts"
      placeholder="Name or number"
      w={{ base: '100%', xs: 260 }}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      rightSection={
        text && (
          <CloseButton
            size="sm"
            aria-label="Clear search"
            onClick={() => {
              setText('');
              onSearch('');
            }}
          />
        )
      }
    />
  );
}

export function ContactsPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = api.useInfiniteQuery(
    'get',
    '/api/contacts',
    { params: { query: { q, limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval: 20_000 },
  );
  const contacts = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Contacts"
      description="Everyone who has texted, the most recent first."
      actions={
        <Search
          initial={q ?? ''}
          onSearch={(text) => void navigate({ search: { q: text.trim() || undefined }, replace: true })}
        />
      }
    >
      <Card flush>
        <ListState
          query={query}
          isEmpty={contacts.length === 0}
          empty={
            q ? (
              <EmptyState icon={<IconSearch size={22} />} title={`Nobody matches “${q}”`}>
                Try part of a name or of the number.
              </EmptyState>
            ) : (
              <EmptyState icon={<IconAddressBook size={24} stroke={1.7} />} title="No contacts yet">
                A contact appears when someone sends their first text.
                <div>
                  <ButtonLink to="/simulator" mt="md" variant="light">
                    Send one in the Simulator
                  </ButtonLink>
                </div>
              </EmptyState>
            )
          }
        >
          <ul className={classes.list} aria-label="Contacts">
            {contacts.map((contact) => (
              <li key={contact.id} className={classes.row}>
                <Person person={contact} contactId={contact.id} />
                <div className={classes.end}>
                  <OptInBadge value={contact.opt_in_status} />
                  <span className={classes.when}>
                    {contact.last_message_at ? <RelativeTime value={contact.last_message_at} /> : 'no texts'}
                  </span>
                </div>
              </li>
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
    </Page>
  );
}
