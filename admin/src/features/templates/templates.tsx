import { ActionIcon, CloseButton, Group, Menu, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  IconArchive,
  IconArchiveOff,
  IconCopy,
  IconDots,
  IconPlus,
  IconSearch,
  IconTemplate,
} from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { textTemplatesChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Template } from '@/api/types';
import { Pill } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { channel, templatePurpose } from '@/lib/labels';
import { splitWords } from './drafts';
import { PURPOSES } from './search';
import { TemplateDrawer } from './template-drawer';
import classes from './templates.module.css';

const route = getRouteApi('/app/templates');

function Actions({ template }: { template: Template }) {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const changed = () => textTemplatesChanged(client);
  const failed = (error: unknown) => notifyProblem('That did not work', toProblem(error));
  const archive = api.useMutation('post', '/api/templates/{id}/archive', {
    onSuccess: () => notifyDone('Template archived', template.name),
    onError: failed,
    onSettled: changed,
  });
  const restore = api.useMutation('post', '/api/templates/{id}/restore', {
    onSuccess: () => notifyDone('Template restored', template.name),
    onError: failed,
    onSettled: changed,
  });
  const duplicate = api.useMutation('post', '/api/templates/{id}/duplicate', {
    onSuccess: (copy) => void navigate({ search: (old) => ({ ...old, shown: undefined, template: copy.id }) }),
    onError: failed,
    onSettled: changed,
  });
  const path = { params: { path: { id: template.id } } };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More for “${template.name}”`}>
          <IconDots size={18} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => duplicate.mutate(path)}>
          Duplicate
        </Menu.Item>
        {template.archived_at ? (
          <Menu.Item leftSection={<IconArchiveOff size={16} />} onClick={() => restore.mutate(path)}>
            Restore
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconArchive size={16} />} onClick={() => archive.mutate(path)}>
            Archive
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Row({ template }: { template: Template }) {
  const writes = useMay('campaigns.write');
  const purpose = templatePurpose(template.purpose);
  const facts = [
    template.channel ? channel(template.channel).label : 'Any channel',
    splitWords(template.variants),
    template.media.length > 0 && 'with pictures',
    template.whatsapp.length > 0 && 'with WhatsApp templates',
  ].filter(Boolean);
  return (
    <li className={classes.row} data-testid="template">
      <div className={classes.what}>
        <h3>
          <Link to="/templates" search={(old) => ({ ...old, template: template.id })}>
            {template.name}
          </Link>
          <Pill tone={purpose.tone}>{purpose.label}</Pill>
        </h3>
        <p className={classes.body} lang={template.language ?? undefined}>
          {template.variants[0]?.body}
        </p>
        <p className={classes.facts}>
          {facts.join(' · ')} · changed <RelativeTime value={template.updated_at} />
        </p>
      </div>
      {writes && <Actions template={template} />}
    </li>
  );
}

function Filters() {
  const { q, purpose, shown } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(q ?? '');
  const search = (value: string) =>
    void navigate({ search: (old) => ({ ...old, q: value.trim() || undefined }), replace: true });
  const later = useDebouncedCallback(search, 300);
  return (
    <Group gap="sm" mb="md">
      <TextInput
        type="search"
        aria-label="Search templates"
        placeholder="Name or words"
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
        aria-label="Purpose"
        placeholder="Any purpose"
        clearable
        w={160}
        data={PURPOSES.map((value) => ({ value, label: templatePurpose(value).label }))}
        value={purpose ?? null}
        onChange={(value) =>
          void navigate({ search: (old) => ({ ...old, purpose: PURPOSES.find((p) => p === value) }), replace: true })
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

/** Texts with variables, for campaigns. */
export function TemplatesPage() {
  const { q, purpose, shown, template: open } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('campaigns.write');
  const query = api.useInfiniteQuery(
    'get',
    '/api/templates',
    { params: { query: { q, purpose, archived: shown === 'archived', limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const templates = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(q || purpose || shown);
  return (
    <Page
      title="Templates"
      description="Texts with variables, for campaigns. See how each contact would read one before anybody does."
      actions={
        writes && (
          <ButtonLink
            to="/templates"
            search={(old) => ({ ...old, template: 'new' })}
            leftSection={<IconPlus size={17} />}
          >
            New template
          </ButtonLink>
        )
      }
    >
      <Filters />
      <Card flush>
        <ListState
          query={query}
          isEmpty={templates.length === 0}
          skeleton={<SkeletonRows rows={4} height={72} />}
          empty={
            <EmptyState
              icon={<IconTemplate size={24} stroke={1.7} />}
              title={filtered ? 'No template matches' : 'No templates yet'}
            >
              {filtered
                ? 'Try other words, or look in the archive.'
                : 'Write a text once, and every contact reads their own.'}
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="Templates">
            {templates.map((template) => (
              <Row key={template.id} template={template} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <TemplateDrawer id={open} onClose={() => void navigate({ search: (old) => ({ ...old, template: undefined }) })} />
    </Page>
  );
}
