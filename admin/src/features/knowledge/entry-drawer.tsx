import { Button, Drawer, Group, Select, Stack, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { knowledgeChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { KnowledgeEntry } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ErrorState, SkeletonRows } from '@/components/states';
import { TextLength } from '@/components/text-length';
import { ANSWER_LIMIT, BLANK, KEYWORDS_LIMIT, RULES, TITLE_LIMIT } from './drafts';
import classes from './knowledge.module.css';
import { TOPICS, topicFace, topicOf } from './topics';

type FormProps = { entry: KnowledgeEntry | undefined; onClose: () => void };

function EntryForm({ entry, onClose }: FormProps) {
  const client = useQueryClient();
  const writes = useMay('knowledge.write');
  const form = useForm({
    initialValues: {
      topic: entry ? topicOf(entry.topic) : BLANK.topic,
      title: entry?.title ?? '',
      keywords: entry?.keywords ?? [],
      answer_en: entry?.answer_en ?? '',
      answer_es: entry?.answer_es ?? '',
      active: entry?.active ?? true,
    },
    validate: RULES,
  });
  const done = async () => {
    notifyDone(entry ? 'Entry saved' : 'Entry added', form.values.title);
    onClose();
    await knowledgeChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.fields.length === 0) notifyProblem('Couldn’t save the entry', problem);
  };
  const create = api.useMutation('post', '/api/knowledge', { onSuccess: done, onError: failed });
  const update = api.useMutation('put', '/api/knowledge/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit((values) => {
    const body = {
      ...values,
      title: values.title.trim(),
      answer_en: values.answer_en.trim(),
      answer_es: values.answer_es.trim() || null,
    };
    if (entry) update.mutate({ params: { path: { id: entry.id } }, body });
    else create.mutate({ body });
  });
  const { icon: TopicIcon, catches } = topicFace(form.values.topic);
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <Select
          label="Topic"
          description={form.values.topic === 'other' ? catches : `Catches questions like: ${catches}`}
          allowDeselect={false}
          maxDropdownHeight={420}
          disabled={!writes}
          leftSection={<TopicIcon size={17} stroke={1.8} aria-hidden />}
          data={TOPICS.map((value) => ({ value, label: topicFace(value).label }))}
          renderOption={({ option }) => {
            const { icon: Icon, label, catches: examples } = topicFace(option.value);
            return (
              <span className={classes.option}>
                <Icon size={18} stroke={1.7} aria-hidden />
                <span>
                  {label}
                  <small>{examples}</small>
                </span>
              </span>
            );
          }}
          {...form.getInputProps('topic')}
        />
        <TextInput
          label="Title"
          description="For you, to find it again. Its words count when a question is matched."
          required
          maxLength={TITLE_LIMIT}
          disabled={!writes}
          data-autofocus
          {...form.getInputProps('title')}
        />
        <TagsInput
          label="Keywords"
          description="Other words contacts use for it. Press Enter after each one."
          placeholder={form.values.keywords.length === 0 ? 'wheelchair, elevator' : undefined}
          maxTags={KEYWORDS_LIMIT}
          splitChars={[',', ';']}
          disabled={!writes}
          {...form.getInputProps('keywords')}
        />
        <div>
          <Textarea
            label="Answer in English"
            description="What the contact reads. Short answers fit one SMS."
            required
            autosize
            minRows={3}
            maxRows={10}
            disabled={!writes}
            {...form.getInputProps('answer_en')}
          />
          <TextLength text={form.values.answer_en} limit={ANSWER_LIMIT} />
        </div>
        <div>
          <Textarea
            label="Answer in Spanish"
            description="Optional. Without it, who writes in Spanish gets the English one."
            autosize
            minRows={3}
            maxRows={10}
            disabled={!writes}
            lang="es"
            {...form.getInputProps('answer_es')}
          />
          <TextLength text={form.values.answer_es} limit={ANSWER_LIMIT} />
        </div>
        <Switch
          label="In use"
          description="Switched off, it stays here and is not sent."
          disabled={!writes}
          {...form.getInputProps('active', { type: 'checkbox' })}
        />
        {writes ? (
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending || update.isPending}>
              {entry ? 'Save' : 'Add entry'}
            </Button>
          </Group>
        ) : (
          <Text size="sm" c="dimmed">
            Your role may read this but not change it.
          </Text>
        )}
      </Stack>
    </form>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  // Fresh on opening; the form keeps what is typed from then on.
  const query = api.useQuery(
    'get',
    '/api/knowledge/{id}',
    { params: { path: { id } } },
    { staleTime: 0, gcTime: 0, refetchOnWindowFocus: false },
  );
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={4} />;
  return <EntryForm entry={query.data} onClose={onClose} />;
}

/** `id` is an entry's, or `new`, or nothing while closed. */
export function EntryDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={id === 'new' ? 'New entry' : 'Entry'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id === 'new' && <EntryForm entry={undefined} onClose={onClose} />}
      {id && id !== 'new' && <Existing key={id} id={id} onClose={onClose} />}
    </Drawer>
  );
}
