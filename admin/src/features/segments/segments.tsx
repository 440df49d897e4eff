import { ActionIcon, CloseButton, Group, Menu, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  IconArchive,
  IconArchiveOff,
  IconDots,
  IconFilter,
  IconPlus,
  IconSearch,
  IconTrash,
} from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { segmentsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Segment } from '@/api/types';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { describe } from './filter';
import { SegmentDrawer } from './segment-drawer';
import classes from './segments.module.css';

const route = getRouteApi('/app/segments');

function Actions({ segment }: { segment: Segment }) {
  const client = useQueryClient();
  const settled = { onSettled: () => segmentsChanged(client) };
  const onError = (error: unknown) => notifyProblem('That did not work', toProblem(error));
  const told = (what: string) => ({ ...settled, onError, onSuccess: () => notifyDone(what, segment.name) });
  const archive = api.useMutation('post', '/api/segments/{id}/archive', told('Segment archived'));
  const restore = api.useMutation('post', '/api/segments/{id}/restore', told('Segment restored'));
  const remove = api.useMutation('delete', '/api/segments/{id}', told('Segment deleted'));
  const path = { params: { path: { id: segment.id } } };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More for “${segment.name}”`}>
          <IconDots size={18} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {segment.archived_at ? (
          <Menu.Item leftSection={<IconArchiveOff size={16} />} onClick={() => restore.mutate(path)}>
            Restore
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconArchive size={16} />} onClick={() => archive.mutate(path)}>
            Archive
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => remove.mutate(path)}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Row({ segment }: { segment: Segment }) {
  const writes = useMay('contacts.write');
  return (
    <li className={classes.row} data-testid="segment">
      <div className={classes.what}>
        <h3>
          <Link to="/segments" search={(old) => ({ ...old, segment: segment.id })}>
            {segment.name}
          </Link>
        </h3>
        <p className={classes.words}>{describe(segment.filter)}</p>
        <p className={classes.facts}>
          <Link to="/contacts" search={{ segment: segment.id }}>
            Who is in it
          </Link>
          {' · changed '}
          <RelativeTime value={segment.updated_at} />
        </p>
      </div>
      {writes && <Actions segment={segment} />}
    </li>
  );
}

function Filters() {
  const { q, shown } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(q ?? '');
  const search = (value: string) =>
    void navigate({ search: (old) => ({ ...old, q: value.trim() || undefined }), replace: true });
  const later = useDebouncedCallback(search, 300);
  return (
    <Group gap="sm" mb="md">
      <TextInput
        type="search"
        aria-label="Search segments"
        placeholder="Name"
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
                search('');
              }}
            />
          )
        }
      />
      <Select
        aria-label="Archive"
        allowDeselect={false}
        w={140}
        data={[
          { value: 'active', label: 'In use' },
          { value: 'archived', label: 'Archived' },
        ]}
        value={shown ?? 'active'}
        onChange={(value) =>
          void navigate({
            search: (old) => ({ ...old, shown: value === 'archived' ? ('archived' as const) : undefined }),
            replace: true,
          })
        }
      />
    </Group>
  );
}

/** Saved filters over contacts. */
export function SegmentsPage() {
  const { q, shown, segment: open } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('contacts.write');
  const query = api.useInfiniteQuery(
    'get',
    '/api/segments',
    { params: { query: { q, archived: shown === 'archived', limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const segments = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(q || shown);
  return (
    <Page
      title="Segments"
      description="Saved filters over your contacts. Who is in one is found out each time it is used."
      actions={
        writes && (
          <ButtonLink
            to="/segments"
            search={(old) => ({ ...old, segment: 'new' })}
            leftSection={<IconPlus size={17} />}
          >
            New segment
          </ButtonLink>
        )
      }
    >
      <Filters />
      <Card flush>
        <ListState
          query={query}
          isEmpty={segments.length === 0}
          skeleton={<SkeletonRows rows={4} height={64} />}
          empty={
            <EmptyState
              icon={<IconFilter size={24} stroke={1.7} />}
              title={filtered ? 'No segment matches' : 'No segments yet'}
            >
              {filtered
                ? 'Try another name, or look in the archive.'
                : 'Say who is meant by what they are and did: customers who have not booked in half a year.'}
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="Segments">
            {segments.map((segment) => (
              <Row key={segment.id} segment={segment} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <SegmentDrawer id={open} onClose={() => void navigate({ search: (old) => ({ ...old, segment: undefined }) })} />
    </Page>
  );
}
