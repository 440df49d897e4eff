// How a file is to be read, as staff decides it, and what the server gets of that.
import type { ImportColumn, ImportConsent, ImportField, ImportOptions, ImportPreview } from '@/api/types';

export const FIELDS: readonly { value: ImportField; label: string }[] = [
  { value: 'ignore', label: 'Leave out' },
  { value: 'phone_number', label: 'Phone number' },
  { value: 'first_name', label: 'First name' },
  { value: 'last_name', label: 'Last name' },
  { value: 'full_name', label: 'Full name' },
  { value: 'email', label: 'E-mail' },
  { value: 'tags', label: 'Tags' },
  { value: 'lifecycle_stage', label: 'Stage' },
  { value: 'timezone', label: 'Time zone' },
  { value: 'postal_code', label: 'ZIP or postal code' },
  { value: 'language', label: 'Language' },
  { value: 'notes', label: 'Notes' },
  { value: 'custom', label: 'Something of your own' },
];

export const EXISTING = [
  { value: 'fill', label: 'Fill what is empty' },
  { value: 'overwrite', label: 'Overwrite with the file' },
  { value: 'skip', label: 'Leave as they are' },
] as const;

export type Existing = (typeof EXISTING)[number]['value'];

export type ConsentDraft = {
  tier: ImportConsent['tier'];
  method: ImportConsent['method'];
  channel: ImportConsent['channel'];
  purpose: ImportConsent['purpose'];
  evidence: string;
  source: string;
  disclosure: string | null;
  /** A day, as in 2026-03-08. */
  day: string;
};

export type Draft = {
  header: boolean;
  columns: ImportColumn[];
  country: string;
  existing: Existing;
  tags: string[];
  stage: ImportOptions['lifecycle_stage'];
  timezone: string;
  /** Null: nobody is said to have agreed. */
  consent: ConsentDraft | null;
};

export const NO_CONSENT: ConsentDraft = {
  tier: 'express',
  method: 'import',
  channel: 'sms',
  purpose: 'marketing',
  evidence: '',
  source: '',
  disclosure: null,
  day: '',
};

/** As the server guessed it. */
export const draftOf = (preview: ImportPreview): Draft => ({
  header: preview.options.header ?? false,
  columns: preview.columns.map(({ field, name }) => ({ field, name: name ?? null })),
  country: preview.options.country ?? '',
  existing: preview.options.existing ?? 'fill',
  tags: preview.options.tags ?? [],
  stage: preview.options.lifecycle_stage ?? null,
  timezone: preview.options.timezone ?? '',
  consent: null,
});

/** Another use of one column. What another column was used for goes from there; a custom one is called like its header. */
export function withField(columns: readonly ImportColumn[], at: number, field: ImportField, header: string | null) {
  const alone = field !== 'ignore' && field !== 'custom';
  return columns.map((column, n): ImportColumn => {
    if (n === at)
      return { field, name: field === 'custom' ? (column.name ?? header?.slice(0, 60)) || `Column ${at + 1}` : null };
    return alone && column.field === field ? { field: 'ignore', name: null } : column;
  });
}

/** Noon of that day, or now where noon has not come yet. */
export const givenAt = (day: string, now: number = Date.now()): string =>
  new Date(Math.min(Date.parse(`${day}T12:00:00Z`), now)).toISOString();

/** What the rows are judged by. Consent has no part in that. */
export const optionsOf = (draft: Draft): ImportOptions => ({
  header: draft.header,
  columns: draft.columns,
  country: draft.country.trim() || null,
  existing: draft.existing,
  tags: draft.tags,
  lifecycle_stage: draft.stage ?? null,
  timezone: draft.timezone.trim() || null,
});

/** All that the import is started with. */
export const decidedOf = (draft: Draft): ImportOptions => ({
  ...optionsOf(draft),
  consent: draft.consent && {
    tier: draft.consent.tier,
    method: draft.consent.method,
    channel: draft.consent.channel,
    purpose: draft.consent.purpose,
    evidence: draft.consent.evidence.trim(),
    source: draft.consent.source.trim() || null,
    disclosure_id: draft.consent.disclosure,
    given_at: givenAt(draft.consent.day),
  },
});

/** Whether what is said of consent is enough to be sent. */
export const isProven = (consent: ConsentDraft | null): boolean =>
  consent === null || (consent.evidence.trim() !== '' && !Number.isNaN(Date.parse(`${consent.day}T12:00:00Z`)));

export const people = (n: number): string => (n === 1 ? '1 contact' : `${n.toLocaleString('en-US')} contacts`);
export const rows = (n: number): string => (n === 1 ? '1 row' : `${n.toLocaleString('en-US')} rows`);
