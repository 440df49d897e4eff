// A contact as staff types it, and what the server gets of it.
import type { Contact } from '@/api/types';
import { characterCount } from '@/lib/segments';

export const STAGES = ['lead', 'prospect', 'customer', 'former'] as const;
export type Stage = (typeof STAGES)[number];

export const isStage = (value: string | null): value is Stage => STAGES.some((stage) => stage === value);

/** An attribute as a row of the form. */
export type Attribute = { name: string; value: string };

export type Draft = {
  phone_number: string;
  first_name: string;
  last_name: string;
  email: string;
  timezone: string;
  postal_code: string;
  language: string;
  notes: string;
  lifecycle_stage: Stage;
  tags: string[];
  custom: Attribute[];
};

export const draftOf = (contact: Contact | undefined): Draft => ({
  phone_number: contact?.phone_number ?? '',
  first_name: contact?.first_name ?? '',
  last_name: contact?.last_name ?? '',
  email: contact?.email ?? '',
  timezone: contact?.timezone ?? '',
  postal_code: contact?.postal_code ?? '',
  language: contact?.language ?? '',
  notes: contact?.notes ?? '',
  lifecycle_stage: contact?.lifecycle_stage ?? 'lead',
  tags: contact?.tags ?? [],
  custom: Object.entries(contact?.custom ?? {}).map(([name, value]) => ({ name, value })),
});

const languageOf = (value: string): 'en' | 'es' | null => (value === 'en' || value === 'es' ? value : null);

/** The fields that a new contact and a change share: emptied ones are null. */
export function fieldsOf(draft: Draft) {
  const text = (value: string) => value.trim() || null;
  return {
    first_name: text(draft.first_name),
    last_name: text(draft.last_name),
    email: text(draft.email),
    timezone: text(draft.timezone),
    postal_code: text(draft.postal_code),
    language: languageOf(draft.language),
    notes: text(draft.notes),
    lifecycle_stage: draft.lifecycle_stage,
    tags: draft.tags,
  };
}

/** Rows with a name, the last of a name winning. */
export const attributesOf = (rows: readonly Attribute[]): Record<string, string> =>
  Object.fromEntries(rows.filter((row) => row.name.trim()).map((row) => [row.name.trim(), row.value.trim()]));

/** What makes the server's attributes equal to the rows: what is gone becomes null. */
export function attributeChange(
  before: Record<string, string>,
  rows: readonly Attribute[],
): Record<string, string | null> {
  const after = attributesOf(rows);
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...after };
}

const tooLong = (value: string, limit: number) =>
  characterCount(value.trim()) > limit ? `Keep it to ${limit} characters` : null;

export const RULES = {
  phone_number: (value: string) => (/\d{2}/.test(value) ? null : 'Enter a phone number'),
  first_name: (value: string) => tooLong(value, 80),
  last_name: (value: string) => tooLong(value, 80),
  email: (value: string) => (!value.trim() || /^\S+@\S+\.\S+$/.test(value.trim()) ? null : 'Enter an e-mail address'),
  postal_code: (value: string) =>
    /^[A-Za-z0-9 -]{0,12}$/.test(value.trim()) ? null : 'Up to 12 letters, digits, spaces and hyphens',
  notes: (value: string) => tooLong(value, 4000),
  tags: (value: string[]) => (value.length > 20 ? 'At most 20 tags' : null),
  custom: (rows: Attribute[]) =>
    rows.some((row) => !row.name.trim() && row.value.trim()) ? 'Give every attribute a name' : null,
};
