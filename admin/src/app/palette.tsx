import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { IconSearch, IconUserCircle } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { api } from '@/api/client';
import { useMe } from '@/api/session';
import { formatPhone, personName } from '@/lib/phone';
import { sectionsFor } from './sections';

export const openPalette = () => spotlight.open();

/** Enter without a choice takes the first row. */
function takeFirst(event: KeyboardEvent<HTMLInputElement>) {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
  const dialog = event.currentTarget.closest('[role="dialog"]');
  if (!dialog?.querySelector('[data-selected]')) dialog?.querySelector<HTMLElement>('[data-action]')?.click();
}

/** Ctrl+K: every page, and contacts by name or number. */
export function Palette() {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const [q] = useDebouncedValue(query.trim(), 200);
  const contacts = api.useQuery(
    'get',
    '/api/contacts',
    { params: { query: { q, limit: 6 } } },
    { enabled: q.length > 1, placeholderData: keepPreviousData },
  );
  const pages = sectionsFor(useMe())
    .flatMap((section) => [...section.links])
    .map(({ to, label, icon: Icon }) => ({
      id: to,
      label,
      leftSection: <Icon size={19} stroke={1.7} />,
      onClick: () => void navigate({ to }),
    }))
    .concat({
      id: '/account',
      label: 'Your account',
      leftSection: <IconUserCircle size={19} stroke={1.7} />,
      onClick: () => void navigate({ to: '/account' }),
    });
  const people = (q.length > 1 ? (contacts.data?.items ?? []) : []).map((contact) => ({
    id: contact.id,
    label: personName(contact),
    description: formatPhone(contact.phone_number),
    // The server has matched already: whatever was typed keeps the row.
    keywords: query,
    onClick: () => void navigate({ to: '/contacts/$contactId', params: { contactId: contact.id } }),
  }));
  return (
    <Spotlight
      query={query}
      onQueryChange={setQuery}
      actions={[
        { group: 'Pages', actions: pages },
        { group: 'Contacts', actions: people },
      ]}
      nothingFound={contacts.isFetching ? 'Searching…' : 'Nothing found'}
      shortcut={null}
      highlightQuery
      scrollable
      maxHeight={420}
      attributes={{ content: { 'aria-label': 'Search' } }}
      styles={{ content: { background: 'var(--fd-surface)' } }}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: 'Go to a page or find a contact',
        'aria-label': 'Search',
        onKeyDown: takeFirst,
      }}
    />
  );
}
