import { Alert, Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowBackUp, IconDownload, IconPlayerStop } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { ContactImport } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { ErrorState, PageLoading } from '@/components/states';
import { importStatus } from '@/lib/labels';
import { formatDateTime } from '@/lib/time';
import { people, rows } from './drafts';
import { Setup } from './setup';

const route = getRouteApi('/app/contacts/imports/$importId');

const isAtWork = (one: ContactImport) => one.status === 'running' || one.status === 'undoing';

function Stop({ one }: { one: ContactImport }) {
  const client = useQueryClient();
  const stop = api.useMutation('post', '/api/contacts/imports/{id}/cancel', {
    onError: (error) => notifyProblem('Couldn’t stop it', toProblem(error)),
    onSettled: () => contactsChanged(client),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconPlayerStop size={16} />}
      loading={stop.isPending}
      onClick={() => stop.mutate({ params: { path: { id: one.id } } })}
    >
      Stop
    </Button>
  );
}

function GoOn({ one }: { one: ContactImport }) {
  const client = useQueryClient();
  const start = api.useMutation('post', '/api/contacts/import/execute', {
    onError: (error) => notifyProblem('Couldn’t go on', toProblem(error)),
    onSettled: () => contactsChanged(client),
  });
  return (
    <Button loading={start.isPending} onClick={() => start.mutate({ body: { import_id: one.id } })}>
      Go on where it was
    </Button>
  );
}

function Undo({ one }: { one: ContactImport }) {
  const client = useQueryClient();
  const zone = useZone();
  const [opened, { open, close }] = useDisclosure();
  const undo = api.useMutation('post', '/api/contacts/imports/{id}/undo', {
    onError: (error) => notifyProblem('Couldn’t take it back', toProblem(error)),
    onSettled: () => {
      close();
      return contactsChanged(client);
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={open}>
        Take it back
      </Button>
      <Confirm
        opened={opened}
        title="Take this file back?"
        confirmLabel="Take it back"
        keepLabel="Keep it"
        busy={undo.isPending}
        onClose={close}
        onConfirm={() => undo.mutate({ params: { path: { id: one.id } } })}
      >
        {people(one.created)} that it made are deleted and {people(one.updated)} are as before, except where they
        texted, booked or were edited since. Consent that it recorded ends.
        {one.undoable_until && ` It can be done until ${formatDateTime(one.undoable_until, zone)}.`}
      </Confirm>
    </>
  );
}

const FIGURES = [
  ['created', 'New contacts'],
  ['updated', 'Contacts changed'],
  ['unchanged', 'Nothing new'],
  ['skipped', 'There already, left alone'],
  ['duplicate', 'Twice in the file'],
  ['invalid', 'Not taken in'],
  ['consent_given', 'Consent recorded'],
  ['consent_refused', 'Consent not recorded: opted out, or may have'],
  ['undone_deleted', 'Deleted again'],
  ['undone_restored', 'As before again'],
  ['undone_kept', 'Could not be taken back'],
] as const;

function Figures({ one }: { one: ContactImport }) {
  return (
    <Table aria-label="What became of it" withRowBorders={false} maw={480}>
      <Table.Tbody>
        {FIGURES.filter(([name]) => name === 'created' || one[name] > 0).map(([name, label]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={400}>
              {label}
            </Table.Th>
            <Table.Td ta="right" data-testid={`import-${name}`}>
              {one[name].toLocaleString('en-US')}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Course({ one }: { one: ContactImport }) {
  const writes = useMay('contacts.write');
  const part = one.rows > 0 ? (one.rows_done / one.rows) * 100 : 0;
  const told = one.invalid + one.duplicate + one.undone_kept;
  const ended = one.status === 'done' || one.status === 'cancelled';
  const undoable = ended && one.rows_done > 0 && one.undoable_until && Date.parse(one.undoable_until) > Date.now();
  return (
    <Card title="What became of it">
      <Stack gap="md">
        {one.status === 'running' && (
          <div>
            <Progress value={part} animated aria-label="How far it is" />
            <Text size="sm" mt={6} aria-live="polite">
              {one.rows_done.toLocaleString('en-US')} of {rows(one.rows)}
            </Text>
          </div>
        )}
        {one.status === 'undoing' && <Text size="sm">Contacts are being put back.</Text>}
        {one.status === 'expired' && <Text size="sm">The file was not started within a day, and is gone.</Text>}
        {one.status === 'failed' && (
          <Alert color="red" role="alert" title="It went wrong">
            {one.problem} What was taken in until then stays.
          </Alert>
        )}
        {one.status !== 'expired' && <Figures one={one} />}
        <Group gap="sm">
          {writes && one.status === 'running' && <Stop one={one} />}
          {writes && one.status === 'failed' && <GoOn one={one} />}
          {writes && one.status === 'failed' && <Stop one={one} />}
          {writes && told > 0 && !isAtWork(one) && (
            <Button
              component="a"
              href={`/api/contacts/imports/${one.id}/errors.csv`}
              download
              variant="default"
              leftSection={<IconDownload size={16} />}
            >
              Rows with errors
            </Button>
          )}
          {writes && undoable && <Undo one={one} />}
        </Group>
      </Stack>
    </Card>
  );
}

export function ImportPage() {
  const { importId } = route.useParams();
  const query = api.useQuery(
    'get',
    '/api/contacts/imports/{id}',
    { params: { path: { id: importId } } },
    { refetchInterval: ({ state }) => (state.data && isAtWork(state.data) ? 1000 : 15_000) },
  );
  if (query.isPending) return <PageLoading />;
  const one = query.data;
  if (!one) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  const status = importStatus(one.status);
  return (
    <Page
      title={one.file_name}
      wide
      description={
        <Group gap="xs">
          <Pill tone={status.tone}>{status.label}</Pill>
          {rows(one.rows)} · {one.encoding.toUpperCase()}, {one.delimiter}
        </Group>
      }
      above={
        <AnchorLink to="/contacts/imports" size="sm">
          ‹ Import contacts
        </AnchorLink>
      }
    >
      {one.status === 'ready' ? <Setup one={one} /> : <Course one={one} />}
    </Page>
  );
}
