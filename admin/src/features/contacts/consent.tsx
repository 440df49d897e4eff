import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFileCheck, IconGavel } from '@tabler/icons-react';
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
import { channel, consentMethod, consentPurpose, consentTier } from '@/lib/labels';
import { formatDateTime } from '@/lib/time';
import classes from './contacts.module.css';

const METHODS = ['verbal', 'paper', 'web_form', 'staff_recorded', 'import', 'api'] as const;
const PURPOSES = ['any', 'conversational', 'transactional', 'marketing'] as const;
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
  const [purpose, setPurpose] = useState<(typeof PURPOSES)[number]>('any');
  const [disclosure, setDisclosure] = useState<string | null>(null);
  const [source, setSource] = useState('');
  const [evidence, setEvidence] = useState('');
  const mayDisclosures = useMay('compliance.read');
  const disclosures = api.useQuery(
    'get',
    '/api/compliance/disclosures',
    { params: { query: { newest: true, limit: 100 } } },
    { enabled: mayDisclosures },
  );
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
          purpose: purpose === 'any' ? null : purpose,
          disclosure_id: disclosure,
          source: source.trim() || null,
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
          label="For"
          description={
            purpose === 'any'
              ? revoked && 'All texts stop.'
              : revoked
                ? 'Only these stop; other texts go on.'
                : consentPurpose(purpose).hint
          }
          allowDeselect={false}
          data={PURPOSES.map((value) => ({
            value,
            label: consentPurpose(value === 'any' ? null : value).label,
          }))}
          value={purpose}
          onChange={(value) => pick(PURPOSES, value, setPurpose)}
        />
        <Select
          label="Channel"
          description={revoked ? 'It ends on every channel.' : 'Consent to one channel is none to another.'}
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
        {disclosures.data && disclosures.data.items.length > 0 && (
          <Select
            label="What they were told"
            placeholder="Not on record"
            clearable
            searchable
            data={disclosures.data.items.map((d) => ({ value: d.id, label: `${d.program}, version ${d.version}` }))}
            value={disclosure}
            onChange={setDisclosure}
            error={problem?.field('disclosure_id')}
          />
        )}
        <TextInput
          label="Where from"
          description="A form, a folder, a list."
          maxLength={300}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
          error={problem?.field('source')}
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
            {revoked && purpose === 'any' ? 'Stop texting them' : revoked ? 'Stop these texts' : 'Record consent'}
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
        <time dateTime={line.given_at}>{formatDateTime(line.given_at, zone)}</time>
      </span>
      <Text size="sm">
        {consentPurpose(line.purpose).label} · {consentMethod(line.method).label} · {channel(line.channel).label}
        {line.recorded_by && ` · ${line.recorded_by}`}
      </Text>
      {line.disclosure_program && (
        <Text size="sm">
          Told: {line.disclosure_program}, version {line.disclosure_version}
        </Text>
      )}
      {(line.source ?? line.page_url) && (
        <Text size="sm" className={classes.evidence}>
          From: {[line.source, line.page_url].filter(Boolean).join(' · ')}
        </Text>
      )}
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
  const exports = useMay('contacts.export');
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
        <Group gap="xs">
          {exports && (
            <Button
              component="a"
              href={`/api/contacts/${contactId}/consent/evidence`}
              download
              size="xs"
              variant="default"
              leftSection={<IconGavel size={15} />}
            >
              Evidence
            </Button>
          )}
          {writes && (
            <Button size="xs" variant="light" leftSection={<IconFileCheck size={15} />} onClick={open}>
              Record consent
            </Button>
          )}
        </Group>
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
