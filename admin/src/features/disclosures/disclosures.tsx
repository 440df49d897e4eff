import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconQuote } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Disclosure } from '@/api/types';
import { Pill } from '@/components/badges';
import { notifyDone } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { consentPurpose } from '@/lib/labels';
import classes from './disclosures.module.css';

const PURPOSES = ['marketing', 'transactional', 'conversational'] as const;

function NewDisclosure({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [program, setProgram] = useState('');
  const [seller, setSeller] = useState('');
  const [purpose, setPurpose] = useState<(typeof PURPOSES)[number]>('marketing');
  const [text, setText] = useState('');
  const add = api.useMutation('post', '/api/compliance/disclosures', {
    onSuccess: async (made) => {
      notifyDone(`${made.program}, version ${made.version}`);
      onClose();
      await contactsChanged(client);
    },
  });
  const problem = add.error ? toProblem(add.error) : null;
  const other = problem && problem.fields.length === 0 ? problem.message : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ body: { program: program.trim(), seller: seller.trim(), purpose, text } });
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Program"
          description="What the texts are about. The same program again is its next version."
          required
          maxLength={120}
          data-autofocus
          value={program}
          error={problem?.field('program') ?? other}
          onChange={(event) => setProgram(event.currentTarget.value)}
        />
        <TextInput
          label="In whose name"
          required
          maxLength={120}
          value={seller}
          error={problem?.field('seller')}
          onChange={(event) => setSeller(event.currentTarget.value)}
        />
        <Select
          label="For"
          allowDeselect={false}
          data={PURPOSES.map((value) => ({ value, label: consentPurpose(value).label }))}
          value={purpose}
          onChange={(value) => setPurpose((old) => PURPOSES.find((p) => p === value) ?? old)}
        />
        <Textarea
          label="Exact text"
          description="As people see or hear it, to the last space. It cannot be changed afterwards."
          required
          autosize
          minRows={5}
          maxLength={10000}
          value={text}
          error={problem?.field('text')}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending} disabled={!program.trim() || !seller.trim() || !text.trim()}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Row({ one }: { one: Disclosure }) {
  return (
    <li className={classes.row} data-testid="disclosure">
      <div className={classes.top}>
        <span>
          {one.program}{' '}
          <small>
            version {one.version}, in the name of {one.seller}
          </small>
        </span>
        <Group gap="xs">
          <Pill tone="neutral">{consentPurpose(one.purpose).label}</Pill>
          <small>
            {one.used === 1 ? 'Used once' : `Used ${one.used} times`} · {one.created_by && `${one.created_by}, `}
            <RelativeTime value={one.created_at} />
          </small>
        </Group>
      </div>
      <blockquote className={classes.wording}>{one.text}</blockquote>
      <code className={classes.hash}>SHA-256 {one.sha256}</code>
    </li>
  );
}

/** What people are told when they agree to texts, in all its versions. */
export function DisclosuresPage() {
  const writes = useMay('compliance.write');
  const [adding, { open, close }] = useDisclosure();
  const query = api.useInfiniteQuery(
    'get',
    '/api/compliance/disclosures',
    { params: { query: { limit: 50 } } },
    keyset,
  );
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Disclosures"
      description="What people are told when they agree to texts. Consent names the version they saw, so none is ever changed."
      actions={
        writes && (
          <Button leftSection={<IconPlus size={17} />} onClick={open}>
            New disclosure
          </Button>
        )
      }
    >
      <Card flush>
        <ListState
          query={query}
          isEmpty={all.length === 0}
          empty={
            <EmptyState icon={<IconQuote size={24} stroke={1.7} />} title="No disclosures yet">
              Add the text beside your sign-up form, so that consent can name it.
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="Disclosures">
            {all.map((one) => (
              <Row key={one.id} one={one} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <Modal
        opened={adding}
        onClose={close}
        size="lg"
        title="New disclosure"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {adding && <NewDisclosure onClose={close} />}
      </Modal>
    </Page>
  );
}
