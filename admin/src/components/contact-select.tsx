import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import { formatPhone, personName } from '@/lib/phone';

type Props = {
  value: string | null;
  onChange: (id: string | null) => void;
  label?: string;
  placeholder?: string;
  clearable?: boolean;
};

/** A contact, found by name or number. */
export function ContactSelect({
  value,
  onChange,
  label = 'Contact',
  placeholder = 'Search by name or number',
  clearable = false,
}: Props) {
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text, 250);
  const contacts = api.useQuery(
    'get',
    '/api/contacts',
    { params: { query: { q: q.trim() || undefined, limit: 20 } } },
    { placeholderData: keepPreviousData },
  );
  const options = (contacts.data?.items ?? []).map((c) => {
    const number = formatPhone(c.phone_number);
    const name = personName(c);
    return { value: c.id, label: name === number ? number : `${name} · ${number}` };
  });
  return (
    <Select
      label={label}
      placeholder={placeholder}
      clearable={clearable}
      searchable
      data={options}
      // The server has searched already.
      filter={({ options: found }) => found}
      searchValue={text}
      onSearchChange={setText}
      value={value}
      onChange={onChange}
      nothingFoundMessage={contacts.isFetching ? 'Searching…' : 'No contact matches'}
      error={contacts.error ? toProblem(contacts.error).message : undefined}
    />
  );
}
