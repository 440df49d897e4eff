import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFileCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { ConsentBody, ConsentEvent } from '@/api/types';
import { Pill } from '@/components/badges';
import { notifyDone } from '@/components/notify';
import { Card } from '@/components/page';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { channel, consentMethod, consentTier } from '@/lib/labels';
import { formatDateTime } from '@/lib/time';
import classes from './contacts.module.css';

const METHODS = ['verbal', 'paper', 'web_form', 'staff_recorded', 'api'] as const;
const CHANNELS = ['sms', 'whatsapp', 'simulator'] as const;
const KINDS = [
  { value: 'express', label: 'Agreed to be texted' },
  { value: 'express_written', label: 'Agreed in writing' },
  { value: 'revoked', label: 'Wants no more texts' },
] as const;

type Kind = (typeof KINDS)[number]['value'];

function pick<T extends string>(choices: readonly T[], value: string | null, set: (choice: T) => void) {
  const choice = choices.find((c) => c === value);
  if (choice) set(choice);
}

function RecordConsent({ contactId, onClose }: { contactId: string; onClose: () => void }) {
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>('express');
  const [way, setWay] = useState<(typeof CHANNELS)[number]>('sms');
  const [method, setMethod] = useState<(typeof METHODS)[number]>('verbal');
  const [evidence, setEvidence] = useState('');
  const record = api.useMutation('post', '/api/contacts/{id}/consent', {
    onSuccess: async () => {
      notifyDone('Consent recorded');
      onClose();
      await contactsChanged(client);
    },
  });
  const problem = record.error ? toProblem(record.error) : null;
  const revoked = kind === 'revoked';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const body: ConsentBody = {
          action: revoked ? 'revoked' : 'granted',
          tier: revoked ? null : kind,
          channel: way,
          method,
          evidence: evidence.trim(),
        };
        record.mutate({ params: { path: { id: contactId } }, body });
      }}
    >
      <Stack gap="md">
        <Select
          label="What they said"
          allowDeselect={false}
          data={KINDS}
          value={kind}
          onChange={(value) =>
            pick(
              KINDS.map((k) => k.value),
              value,
              setKind,
            )
          }
        />
        <Select
          label="Channel"
          description={revoked ? 'Texts stop on every channel.' : 'Consent to one channel is none to another.'}
          allowDeselect={false}
          data={CHANNELS.map((value) => ({ value, label: channel(value).label }))}
          value={way}
          onChange={(value) => pick(CHANNELS, value, setWay)}
        />
        <Select
          label="How they said it"
          allowDeselect={false}
          data={METHODS.map((value) => ({ value, label: consentMethod(value).label }))}
          value={method}
          onChange={(value) => pick(METHODS, value, setMethod)}
        />
        <Textarea
          label="Evidence"
          description="What they were told, what they said or signed, and where the proof is."
          required
          autosize
          minRows={3}
          maxLength={2000}
          value={evidence}
          onChange={(event) => setEvidence(event.currentTarget.value)}
          error={problem && (problem.field('evidence') ?? problem.message)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={revoked ? 'red' : undefined}
            loading={record.isPending}
            disabled={!evidence.trim()}
          >
            {revoked ? 'Stop texting them' : 'Record consent'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Line({ line }: { line: ConsentEvent }) {
  const zone = useZone();
  return (
    <li className={classes.consent} data-testid="consent-line">
      <span className={classes.consentTop}>
        <Pill tone={line.action === 'granted' ? 'good' : 'bad'}>
          {line.action === 'granted' ? consentTier(line.tier).label : 'Taken back'}
        </Pill>
        <time dateTime={line.at}>{formatDateTime(line.at, zone)}</time>
      </span>
      <Text size="sm">
        {consentMethod(line.method).label} · {channel(line.channel).label}
        {line.recorded_by && ` · ${line.recorded_by}`}
      </Text>
      {line.evidence && (
        <Text size="sm" c="dimmed" className={classes.evidence}>
          {line.evidence}
        </Text>
      )}
    </li>
  );
}

/** What the contact agreed to, and a way to record what was agreed outside of a text. */
export function Consent({ contactId }: { contactId: string }) {
  const writes = useMay('contacts.write');
  const [opened, { open, close }] = useDisclosure();
  const query = api.useInfiniteQuery(
    'get',
    '/api/contacts/{id}/consent',
    { params: { path: { id: contactId }, query: { limit: 20 } } },
    keyset,
  );
  const lines = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      title="Consent"
      flush
      aside={
        writes && (
          <Button size="xs" variant="light" leftSection={<IconFileCheck size={15} />} onClick={open}>
            Record consent
          </Button>
        )
      }
    >
      <ListState
        query={query}
        isEmpty={lines.length === 0}
        skeleton={<SkeletonRows rows={2} />}
        empty={<EmptyState title="No consent on record">Until there is some, nobody can text them first.</EmptyState>}
      >
        <ul className={classes.list} aria-label="Consent">
          {lines.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
      <Modal opened={opened} onClose={close} title="Record consent" closeButtonProps={{ 'aria-label': 'Close' }}>
        {opened && <RecordConsent contactId={contactId} onClose={close} />}
      </Modal>
    </Card>
  );
}
