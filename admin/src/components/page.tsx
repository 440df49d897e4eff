import { Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useInbox } from '@/api/inbox';
import { countedTitle } from '@/lib/waiting';
import classes from './page.module.css';

type PageProps = {
  title: string;
  /** The browser tab's title, when it should say more than the heading. */
  documentTitle?: string;
  description?: ReactNode;
  actions?: ReactNode;
  above?: ReactNode;
  wide?: boolean;
  children: ReactNode;
};

export function Page({ title, documentTitle, description, actions, above, wide, children }: PageProps) {
  useDocumentTitle(countedTitle(`${documentTitle ?? title} · Frontdesk`, useInbox()?.waiting ?? 0));
  return (
    <div className={classes.page} data-wide={wide || undefined}>
      {above}
      <header className={classes.header}>
        <div>
          <Title order={1}>{title}</Title>
          {description && (
            <Text component="div" c="dimmed" size="sm" mt={2}>
              {description}
            </Text>
          )}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type CardProps = {
  title?: ReactNode;
  aside?: ReactNode;
  flush?: boolean;
  className?: string;
  children: ReactNode;
  'data-testid'?: string;
};

export function Card({ title, aside, flush, className, children, ...rest }: CardProps) {
  return (
    <section className={[classes.card, className].filter(Boolean).join(' ')} {...rest}>
      {title && (
        <div className={classes.cardHeader}>
          <Title order={2}>{title}</Title>
          {aside}
        </div>
      )}
      <div className={flush ? undefined : classes.cardBody} data-titled={title ? true : undefined}>
        {children}
      </div>
    </section>
  );
}
