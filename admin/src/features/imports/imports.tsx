import { Alert, Button, FileButton, Group, Progress, Stack, Text } from '@mantine/core';
import { IconFileImport, IconFileUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { ContactImport } from '@/api/types';
import { uploadContacts } from '@/api/upload';
import { Pill } from '@/components/badges';
import { AnchorLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { Row, Rows } from '@/components/rows';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { importStatus } from '@/lib/labels';
import { rows } from './drafts';

const route = getRouteApi('/app/contacts/imports');

/** Chooses a file and sends it; nothing is done with it before its own page was looked at. */
function Upload() {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const [part, setPart] = useState(0);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const upload = useMutation({
    mutationFn: (file: File) => {
      stop.current = new AbortController();
      setPart(0);
      return uploadContacts(file, setPart, stop.current.signal);
    },
    onSuccess: async (preview) => {
      await contactsChanged(client);
      await navigate({ to: '/contacts/imports/$importId', params: { importId: preview.import.id } });
    },
  });
  const problem = upload.error ? toProblem(upload.error) : null;
  return (
    <Card title="Bring a file">
      <Stack gap="sm">
        <Text size="sm">
          CSV or TSV, as spreadsheets and other programs write it, with a column of phone numbers. You see what would
          become of each row before anything is done.
        </Text>
        <Group>
          <FileButton
            accept=".csv,.tsv,.txt,.tab,text/csv,text/tab-separated-values,text/plain"
            onChange={(file) => file && upload.mutate(file)}
          >
            {(props) => (
              <Button {...props} loading={upload.isPending} leftSection={<IconFileUpload size={17} />}>
                Choose a file
              </Button>
            )}
          </FileButton>
          {upload.isPending && (
            <Button variant="default" onClick={() => stop.current?.abort()}>
              Stop
            </Button>
          )}
        </Group>
        {upload.isPending && <Progress value={part * 100} aria-label="How much of the file has left" animated />}
        {problem && problem.message !== 'Stopped.' && (
          <Alert color="red" role="alert" title="This file can’t be read">
            {problem.field('file') ? `It ${problem.field('file')}.` : problem.message}
          </Alert>
        )}
      </Stack>
    </Card>
  );
}

const facts = (one: ContactImport): string => {
  const parts = [
    one.created > 0 && `${one.created.toLocaleString('en-US')} new`,
    one.updated > 0 && `${one.updated.toLocaleString('en-US')} changed`,
    one.invalid + one.duplicate > 0 && `${(one.invalid + one.duplicate).toLocaleString('en-US')} not taken in`,
  ];
  return [rows(one.rows), ...parts.filter(Boolean)].join(' · ');
};

export function ImportsPage() {
  const writes = useMay('contacts.write');
  const query = api.useInfiniteQuery(
    'get',
    '/api/contacts/imports',
    { params: { query: { limit: 50 } } },
    { ...keyset, refetchInterval: 10_000 },
  );
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Import contacts"
      description="Lists from elsewhere. Each can be taken back for 30 days."
      above={
        <AnchorLink to="/contacts" size="sm">
          ‹ Contacts
        </AnchorLink>
      }
    >
      <Stack gap="md">
        {writes && <Upload />}
        <Card title="Brought before" flush>
          <ListState
            query={query}
            isEmpty={all.length === 0}
            empty={
              <EmptyState icon={<IconFileImport size={24} stroke={1.7} />} title="No files yet">
                Files that you bring stand here, with what became of them.
              </EmptyState>
            }
          >
            <Rows label="Files that were brought">
              {all.map((one) => (
                <Row
                  key={one.id}
                  data-testid="import"
                  title={
                    <AnchorLink to="/contacts/imports/$importId" params={{ importId: one.id }} inherit>
                      {one.file_name}
                    </AnchorLink>
                  }
                  facts={
                    <>
                      {facts(one)} · {one.created_by && `${one.created_by}, `}
                      <RelativeTime value={one.created_at} />
                    </>
                  }
                  end={<Pill tone={importStatus(one.status).tone}>{importStatus(one.status).label}</Pill>}
                />
              ))}
            </Rows>
            <LoadMore query={query} />
          </ListState>
        </Card>
      </Stack>
    </Page>
  );
}
