import { Avatar, Text } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ContactSummary } from '@/api/types';
import { formatPhone, initials, personName } from '@/lib/phone';
import classes from './person.module.css';

export function PhoneNumber({ value }: { value: string }) {
  return <span className={classes.phone}>{formatPhone(value)}</span>;
}

export function PersonAvatar({ person, size = 36 }: { person: ContactSummary; size?: number }) {
  return (
    <Avatar size={size} radius="50%" color="petrol" variant="light" aria-hidden className={classes.avatar}>
      {initials(person) || <IconUser size={size * 0.5} stroke={1.8} />}
    </Avatar>
  );
}

/** Name over number; one line when there is no name. */
export function Person({ person, contactId }: { person: ContactSummary; contactId?: string }) {
  const name = personName(person);
  const named = Boolean(person.first_name || person.last_name);
  return (
    <div className={classes.person}>
      <PersonAvatar person={person} />
      <div className={classes.text}>
        {contactId ? (
          <Link to="/contacts/$contactId" params={{ contactId }} className={classes.name}>
            {name}
          </Link>
        ) : (
          <span className={classes.name}>{name}</span>
        )}
        {named && (
          <Text size="xs" c="dimmed">
            <PhoneNumber value={person.phone_number} />
          </Text>
        )}
      </div>
    </div>
  );
}
