import { ActionIcon, Alert, Switch, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBook, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { knowledgeChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { KnowledgeEntry } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { ActionIconLink, ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { unfilled } from './drafts';
import { EntryDrawer } from './entry-drawer';
import classes from './knowledge.module.css';
import { topicFace, topicOf } from './topics';
import { TryQuestion } from './try-question';
import { UsualEntries } from './usual-entries';

const route = getRouteApi('/app/knowledge');

function ActiveSwitch({ entry }: { entry: KnowledgeEntry }) {
  const client = useQueryClient();
  const writes = useMay('knowledge.write');
  const open = unfilled(entry);
  const save = api.useMutation('put', '/api/knowledge/{id}', {
    onSettled: () => knowledgeChanged(client),
    onError: (error) => notifyProblem('Couldn’t change the entry', toProblem(error)),
  });
  const { title, keywords, answer_en, answer_es = null } = entry;
  const blocked = open && !entry.active;
  return (
    <Tooltip label="Fill in what stands in brackets first." disabled={!blocked || !writes}>
      <Switch
        aria-label={`Use “${title}”`}
        checked={save.isPending ? (save.variables.body?.active ?? entry.active) : entry.active}
        disabled={!writes || blocked}
        onChange={(event) =>
          save.mutate({
            params: { path: { id: entry.id } },
            body: {
              topic: topicOf(entry.topic),
              title,
              keywords,
              answer_en,
              answer_es,
              active: event.currentTarget.checked,
            },
          })
        }
      />
    </Tooltip>
  );
}

function DeleteEntry({ entry }: { entry: KnowledgeEntry }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/knowledge/{id}', {
    onSuccess: async () => {
      close();
      notifyDone('Entry deleted', entry.title);
      await knowledgeChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t delete the entry', toProblem(error)),
  });
  return (
    <>
      <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Delete “${entry.title}”`} onClick={open}>
        <IconTrash size={18} stroke={1.7} />
      </ActionIcon>
      <Confirm
        opened={opened}
        title="Delete this entry?"
        confirmLabel="Delete"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: entry.id } } })}
      >
        The assistant will no longer answer with “{entry.title}”. To pause it instead, switch it off.
      </Confirm>
    </>
  );
}

function Row({ entry }: { entry: KnowledgeEntry }) {
  const { label, icon: Icon } = topicFace(entry.topic);
  const writes = useMay('knowledge.write');
  return (
    <li className={classes.row} data-testid="knowledge-entry" data-active={entry.active || undefined}>
      <span className={classes.topic} aria-hidden="true">
        <Icon size={20} stroke={1.7} />
      </span>
      <div className={classes.text}>
        <h3>
          <Link to="/knowledge" search={{ entry: entry.id }}>
            {entry.title}
          </Link>
          {unfilled(entry) ? <Pill tone="warn">To fill in</Pill> : !entry.active && <Pill tone="neutral">Off</Pill>}
        </h3>
        <p className={classes.answer}>{entry.answer_en}</p>
        <p className={classes.facts}>
          {label} · {entry.answer_es ? 'English and Spanish' : 'English only'}
          {entry.keywords.length > 0 && ` · ${entry.keywords.join(', ')}`}
        </p>
      </div>
      <div className={classes.end}>
        <ActiveSwitch entry={entry} />
        {writes && (
          <>
            <ActionIconLink
              to="/knowledge"
              search={{ entry: entry.id }}
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Edit “${entry.title}”`}
            >
              <IconPencil size={18} stroke={1.7} />
            </ActionIconLink>
            <DeleteEntry entry={entry} />
          </>
        )}
      </div>
    </li>
  );
}

export function KnowledgePage() {
  const { entry: open } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('knowledge.write');
  const query = api.useInfiniteQuery('get', '/api/knowledge', { params: { query: { limit: 100 } } }, keyset);
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Knowledge"
      description="What the assistant may say about the business. It answers questions from these entries and from nothing else."
      actions={
        writes && (
          <ButtonLink to="/knowledge" search={{ entry: 'new' }} leftSection={<IconPlus size={17} />}>
            New entry
          </ButtonLink>
        )
      }
    >
      {!writes && (
        <Alert color="gray" variant="light" mb="md">
          Your role may read the entries but not change them.
        </Alert>
      )}
      <div className={classes.columns}>
        <Card title="Entries" flush>
          <ListState
            query={query}
            isEmpty={entries.length === 0}
            skeleton={<SkeletonRows rows={4} height={72} />}
            empty={
              <EmptyState icon={<IconBook size={24} stroke={1.7} />} title="The assistant knows nothing about you yet">
                <Text size="sm">
                  When a contact asks something that isn’t about a time, it can only pass the question on to a person.
                </Text>
                {writes && <UsualEntries />}
              </EmptyState>
            }
          >
            <ul className={classes.list} aria-label="Entries">
              {entries.map((entry) => (
                <Row key={entry.id} entry={entry} />
              ))}
            </ul>
            <LoadMore query={query} />
          </ListState>
        </Card>
        <TryQuestion entries={entries} />
      </div>
      <EntryDrawer id={open} onClose={() => void navigate({ search: {} })} />
    </Page>
  );
}
