import { Avatar } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconSparkles, IconUsers } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { usePoll } from '@/api/live';
import { Page } from '@/components/page';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { ASSISTANT } from './rules';
import classes from './team.module.css';
import { TeamThread } from './thread';

const route = getRouteApi('/app/team');

type RowProps = { id: string; name: string; about: string; unread: number; selected: boolean };

function Row({ id, name, about, unread, selected }: RowProps) {
  return (
    <li>
      <Link
        to="/team"
        search={{ with: id }}
        className={classes.row}
        data-selected={selected || undefined}
        aria-current={selected ? 'true' : undefined}
        data-testid="team-person"
      >
        <Avatar size={36} radius="xl" aria-hidden>
          {id === ASSISTANT ? <IconSparkles size={19} stroke={1.7} /> : name.charAt(0).toUpperCase()}
        </Avatar>
        <span className={classes.rowText}>
          <span className={classes.name}>{name}</span>
          <span className={classes.about}>{about}</span>
        </span>
        {unread > 0 && <span className={classes.unread}>{`${unread} new`}</span>}
      </Link>
    </li>
  );
}

export function TeamPage() {
  const { with: open } = route.useSearch();
  // What was typed and not sent, by person.
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const people = api.useInfiniteQuery('get', '/api/team/people', { params: { query: { limit: 200 } } }, keyset);
  const unread = api.useQuery('get', '/api/team/messages/unread-count', {}, { refetchInterval: usePoll(5_000) });
  const colleagues = people.data?.pages.flatMap((page) => page.items) ?? [];
  const unreadOf = (id: string) => unread.data?.senders.find((s) => s.sender.id === id)?.unread ?? 0;
  const narrow = useMediaQuery('(max-width: 62em)', window.matchMedia('(max-width: 62em)').matches, {
    getInitialValueInEffect: false,
  });
  const name = open === ASSISTANT ? 'Assistant' : colleagues.find((c) => c.id === open)?.display_name;
  return (
    <Page
      wide
      title="Team messages"
      description={!(narrow && open) && 'Write to your colleagues, and ask the assistant what is in the books.'}
    >
      <div className={classes.panes} data-open={open !== undefined || undefined}>
        <section className={classes.list} aria-label="People">
          <ul>
            <Row
              id={ASSISTANT}
              name="Assistant"
              about="Looks things up; changes nothing"
              unread={unreadOf(ASSISTANT)}
              selected={open === ASSISTANT}
            />
          </ul>
          <ListState
            query={people}
            isEmpty={colleagues.length === 0}
            skeleton={<SkeletonRows rows={4} height={52} />}
            empty={<EmptyState title="No colleagues yet">Whoever joins the organization shows here.</EmptyState>}
          >
            <ul>
              {colleagues.map((person) => (
                <Row
                  key={person.id}
                  id={person.id}
                  name={person.display_name}
                  about={`@${person.username}`}
                  unread={unreadOf(person.id)}
                  selected={person.id === open}
                />
              ))}
            </ul>
            <LoadMore query={people} />
          </ListState>
        </section>
        <section className={classes.thread} aria-label="Messages with one person">
          {open ? (
            <TeamThread
              key={open}
              other={open}
              name={name ?? 'Colleague'}
              unread={unreadOf(open)}
              draft={drafts[open] ?? ''}
              onDraft={(text) => setDrafts((old) => ({ ...old, [open]: text }))}
            />
          ) : (
            <EmptyState icon={<IconUsers size={24} stroke={1.7} />} title="Choose somebody">
              What you two wrote shows here. The assistant can tell who is coming, what is open and who waits.
            </EmptyState>
          )}
        </section>
      </div>
    </Page>
  );
}
