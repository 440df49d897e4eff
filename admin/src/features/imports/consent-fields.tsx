import { Select, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { api } from '@/api/client';
import type { ApiProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import { channel, consentMethod, consentPurpose, consentTier } from '@/lib/labels';
import { type ConsentDraft, NO_CONSENT } from './drafts';
import classes from './imports.module.css';

const TIERS = ['express', 'express_written'] as const;
const METHODS = ['import', 'web_form', 'paper', 'verbal', 'api', 'staff_recorded'] as const;
const CHANNELS = ['sms', 'whatsapp', 'simulator'] as const;
const PURPOSES = ['marketing', 'transactional', 'conversational'] as const;

type Props = {
  value: ConsentDraft | null;
  problem: ApiProblem | null;
  onChange: (consent: ConsentDraft | null) => void;
};

function choices<T extends string>(values: readonly T[], label: (value: T) => string) {
  return values.map((value) => ({ value, label: label(value) }));
}

/** What proves that everybody in the file agreed to texts. Without it nobody is said to have. */
export function ConsentFields({ value, problem, onChange }: Props) {
  const mayDisclosures = useMay('compliance.read');
  const disclosures = api.useQuery(
    'get',
    '/api/compliance/disclosures',
    { params: { query: { newest: true, limit: 100 } } },
    { enabled: mayDisclosures && value !== null },
  );
  const set = (change: Partial<ConsentDraft>) => value && onChange({ ...value, ...change });
  const error = (field: string) => problem?.field(`options.consent.${field}`);
  return (
    <>
      <Switch
        label="They agreed to be texted, and it can be proven"
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? NO_CONSENT : null)}
      />
      {value === null ? (
        <Text size="sm" c="dimmed">
          Without it new contacts stay pending: they can answer, and cannot be texted first. Whoever opted out stays so
          either way.
        </Text>
      ) : (
        <div className={classes.fields}>
          <Select
            label="What they said"
            allowDeselect={false}
            data={choices(TIERS, (one) => consentTier(one).label)}
            value={value.tier}
            onChange={(tier) => set({ tier: TIERS.find((t) => t === tier) ?? value.tier })}
          />
          <Select
            label="For"
            allowDeselect={false}
            data={choices(PURPOSES, (one) => consentPurpose(one).label)}
            value={value.purpose}
            onChange={(purpose) => set({ purpose: PURPOSES.find((p) => p === purpose) ?? value.purpose })}
          />
          <Select
            label="Channel"
            allowDeselect={false}
            data={choices(CHANNELS, (one) => channel(one).label)}
            value={value.channel}
            onChange={(way) => set({ channel: CHANNELS.find((c) => c === way) ?? value.channel })}
          />
          <Select
            label="How they said it"
            allowDeselect={false}
            data={choices(METHODS, (one) => consentMethod(one).label)}
            value={value.method}
            onChange={(method) => set({ method: METHODS.find((m) => m === method) ?? value.method })}
          />
          <TextInput
            type="date"
            label="When"
            description="The day they gave it; of several, the last."
            required
            value={value.day}
            error={error('given_at')}
            onChange={(event) => set({ day: event.currentTarget.value })}
          />
          {disclosures.data && disclosures.data.items.length > 0 && (
            <Select
              label="What they were told"
              placeholder="Not on record"
              clearable
              searchable
              data={disclosures.data.items.map((d) => ({ value: d.id, label: `${d.program}, version ${d.version}` }))}
              value={value.disclosure}
              error={error('disclosure_id')}
              onChange={(disclosure) => set({ disclosure })}
            />
          )}
          <TextInput
            label="Where from"
            description="A form, a folder; the file’s name if left empty."
            maxLength={300}
            value={value.source}
            error={error('source')}
            onChange={(event) => set({ source: event.currentTarget.value })}
          />
          <Textarea
            label="Evidence"
            description="What they were told, what they said or signed, and where the proof is."
            required
            autosize
            minRows={2}
            maxLength={2000}
            value={value.evidence}
            error={error('evidence')}
            onChange={(event) => set({ evidence: event.currentTarget.value })}
          />
        </div>
      )}
    </>
  );
}
