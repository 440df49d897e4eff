import { Button, CloseButton, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import { IconAddressBook, IconDownload, IconFileImport, IconPlus, IconSearch, IconUsers } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { usePoll } from '@/api/live';
import { useMay } from '@/api/session';
import { OptInBadge, Pill } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { Person } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { lifecycleStage, optIn } from '@/lib/labels';
import { ContactDrawer } from './contact-drawer';
import classes from './contacts.module.css';
import { STAGES } from './drafts';
import { CONSENTS, exportAddress } from './search';

const route = getRouteApi('/app/contacts');

function Search({ initial, onSearch }: { initial: string; onSearch: (q: string) => void }) {
  const [text, setText] = useState(initial);
  const later = useDebouncedCallback(onSearch, 300);
  return (
    <TextInput
      type="search"
      aria-label="Search contacts"
      placeholder="Name, number or e-mail"
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

const SEGMENTS = { params: { query: { limit: 200, sort: 'name' } } };

function Filters() {
  const { consent, stage, tag, segment, shown } = route.useSearch();
  const segments = api.useQuery('get', '/api/segments', SEGMENTS, { staleTime: 30_000 });
  const choices = (segments.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const navigate = route.useNavigate();
  return (
    <div className={classes.filters}>
      <Select
        aria-label="Consent"
        placeholder="Any consent"
        clearable
        w={150}
        data={CONSENTS.map((value) => ({ value, label: optIn(value).label }))}
        value={consent ?? null}
        onChange={(value) =>
          void navigate({ search: (old) => ({ ...old, consent: CONSENTS.find((c) => c === value) }), replace: true })
        }
      />
      <Select
        aria-label="Stage"
        placeholder="Any stage"
        clearable
        w={150}
        data={STAGES.map((value) => ({ value, label: lifecycleStage(value).label }))}
        value={stage ?? null}
        onChange={(value) =>
          void navigate({ search: (old) => ({ ...old, stage: STAGES.find((s) => s === value) }), replace: true })
        }
      />
      <Select
        aria-label="Segment"
        placeholder="Any segment"
        clearable
        searchable
        nothingFoundMessage="No such segment"
        w={180}
        data={
          segment && !choices.some((one) => one.value === segment)
            ? [...choices, { value: segment, label: 'A segment' }]
            : choices
        }
        value={segment ?? null}
        onChange={(value) =>
          void navigate({ search: (old) => ({ ...old, segment: value ?? undefined }), replace: true })
        }
      />
      <Select
        aria-label="Archive"
        allowDeselect={false}
        w={150}
        data={[
          { value: 'active', label: 'In use' },
          { value: 'archived', label: 'Archived' },
        ]}
        value={shown ?? 'active'}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, shown: value === 'archived' ? 'archived' : undefined }),
            replace: true,
          })
        }
      />
      {tag && (
        <Button
          variant="light"
          rightSection={<span aria-hidden="true">×</span>}
          aria-label={`Tag ${tag}: show all tags again`}
          onClick={() => void navigate({ search: (old) => ({ ...old, tag: undefined }), replace: true })}
        >
          Tag: {tag}
        </Button>
      )}
    </div>
  );
}

export function ContactsPage() {
  const { q, consent, stage, tag, segment, shown } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('contacts.write');
  const exports = useMay('contacts.export');
  const [adding, { open, close }] = useDisclosure();
  const filtered = q !== undefined || consent || stage || tag || segment || shown;
  const refetchInterval = usePoll(20_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/contacts',
    {
      params: {
        query: {
          q,
          opt_in_status: consent,
          lifecycle_stage: stage,
          tag,
          segment,
          archived: shown === 'archived',
          limit: 50,
        },
      },
    },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval },
  );
  const contacts = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Contacts"
      description="Everyone who texted or was added, the most recent first."
      actions={
        <Group gap="sm">
          <Search
            initial={q ?? ''}
            onSearch={(text) =>
              void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined }), replace: true })
            }
          />
          {exports && (
            <Button
              component="a"
              href={exportAddress({ q, consent, stage, tag, segment, shown })}
              download
              variant="default"
              leftSection={<IconDownload size={17} />}
            >
              Export
            </Button>
          )}
          {writes && (
            <ButtonLink to="/contacts/duplicates" variant="default" leftSection={<IconUsers size={17} />}>
              Duplicates
            </ButtonLink>
          )}
          {writes && (
            <ButtonLink to="/contacts/imports" variant="default" leftSection={<IconFileImport size={17} />}>
              Import
            </ButtonLink>
          )}
          {writes && (
            <Button leftSection={<IconPlus size={17} />} onClick={open}>
              New contact
            </Button>
          )}
        </Group>
      }
    >
      <Filters />
      <ContactDrawer opened={adding} onClose={close} />
      <Card flush>
        <ListState
          query={query}
          isEmpty={contacts.length === 0}
          empty={
            filtered ? (
              <EmptyState icon={<IconSearch size={22} />} title={q ? `Nobody matches “${q}”` : 'Nobody matches'}>
                Try part of a name or of the number, or fewer filters.
              </EmptyState>
            ) : (
              <EmptyState icon={<IconAddressBook size={24} stroke={1.7} />} title="No contacts yet">
                A contact appears when someone sends their first text, or is added by hand.
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
                  {contact.lifecycle_stage !== 'lead' && (
                    <Pill tone="neutral" dot={false}>
                      {lifecycleStage(contact.lifecycle_stage).label}
                    </Pill>
                  )}
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
