import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import classes from './rows.module.css';

/** A list of things with a title, what is known of them, and what can be done with them. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {children}
    </ul>
  );
}

type RowProps = { title: ReactNode; facts?: ReactNode; end?: ReactNode; children?: ReactNode; 'data-testid'?: string };

export function Row({ title, facts, end, children, ...rest }: RowProps) {
  return (
    <li className={classes.row} {...rest}>
      <div className={classes.what}>
        <p className={classes.title}>{title}</p>
        {facts && <p className={classes.facts}>{facts}</p>}
        {children}
      </div>
      {end && <div className={classes.end}>{end}</div>}
    </li>
  );
}

export function Filters({ children }: { children: ReactNode }) {
  return <div className={classes.filters}>{children}</div>;
}

type SearchFieldProps = { label: string; placeholder: string; initial: string; onSearch: (q: string) => void };

/** Searches a moment after the last key. */
export function SearchField({ label, placeholder, initial, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(initial);
  const later = useDebouncedCallback(onSearch, 300);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      w={{ base: '100%', xs: 240 }}
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
