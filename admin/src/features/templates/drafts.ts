// Templates as they are written: what the form holds, what goes to the server, and pieces to insert.
import type { Template, TemplatePreview, TemplateVariable } from '@/api/types';
import { characterCount } from '@/lib/segments';

export const NAME_LIMIT = 120;
export const BODY_LIMIT = 4800;
export const MOST_VARIANTS = 5;
export const CHANNELS = ['sms', 'whatsapp', 'web', 'simulator'] as const;
export type Channel = (typeof CHANNELS)[number];
type Purpose = Template['purpose'];
type Language = 'en' | 'es';

export type VariantValues = { key: string; body: string; weight: number };
export type ContentValues = { whatsapp_template_id: string; variables: Record<string, string> };
export type TemplateValues = {
  name: string;
  purpose: Purpose;
  /** `any` where it is for all. */
  channel: Channel | 'any';
  language: Language | 'any';
  variants: VariantValues[];
  media: string[];
  whatsapp: ContentValues[];
};

const oneOf = <T extends string>(value: unknown, choices: readonly T[]): T | undefined =>
  choices.find((choice) => choice === value);

export const valuesOf = (template: Template | undefined): TemplateValues => ({
  name: template?.name ?? '',
  purpose: template?.purpose ?? 'marketing',
  channel: template?.channel ?? 'any',
  language: oneOf(template?.language, ['en', 'es']) ?? 'any',
  variants: template?.variants.map(({ key, body, weight }) => ({ key, body, weight })) ?? [
    { key: 'A', body: '', weight: 1 },
  ],
  media: template?.media ?? [],
  whatsapp:
    template?.whatsapp.map(({ whatsapp_template_id, variables }) => ({
      whatsapp_template_id,
      variables: { ...variables },
    })) ?? [],
});

const chosen = <T extends string>(value: T | 'any'): T | null => (value === 'any' ? null : (value as T));

export const bodyOf = (values: TemplateValues) => ({
  name: values.name.trim(),
  purpose: values.purpose,
  channel: chosen(values.channel),
  language: chosen(values.language),
  variants: values.variants.map(({ key, body, weight }) => ({ key, body, weight: Number(weight) || 0 })),
  media: values.media,
  whatsapp: values.whatsapp.filter((content) => content.whatsapp_template_id),
});

/** What is looked at while it is written: variants without words yet are left out, and WhatsApp templates not filled in. */
export const previewOf = (values: TemplateValues, contactId: string | null) => ({
  purpose: values.purpose,
  channel: chosen(values.channel),
  language: chosen(values.language),
  variants: bodyOf(values).variants.filter(({ body }) => body.trim() !== ''),
  media: values.media.length > 0,
  whatsapp: bodyOf(values).whatsapp,
  contact_id: contactId,
});

/** "variants[1].body" as the form calls it. */
export const formPath = (field: string): string => field.replace(/\[(\d+)\]/g, '.$1');

/** The variant that a field belongs to, by its place. */
export const variantOf = (field: string): number | undefined => {
  const place = /^variants(?:\[|\.)(\d+)/.exec(field)?.[1];
  return place === undefined ? undefined : Number(place);
};

const KEYS = ['A', 'B', 'C', 'D', 'E'] as const;

/** The next variant, with a letter that no other has. */
export const nextVariant = (variants: readonly VariantValues[]): VariantValues => {
  const key = KEYS.find((letter) => !variants.some((variant) => variant.key === letter)) ?? 'E';
  return { key, body: variants.at(-1)?.body ?? '', weight: variants.at(-1)?.weight ?? 1 };
};

/** Of all that are sent, in whole percent: "67%". */
export const shareWords = (variants: readonly VariantValues[], place: number): string => {
  const total = variants.reduce((sum, variant) => sum + (Number(variant.weight) || 0), 0);
  const own = Number(variants[place]?.weight) || 0;
  return `${total === 0 ? 0 : Math.round((own / total) * 100)}%`;
};

/** A piece of template, and where the cursor goes in it. */
export type Snippet = { text: string; caret: number };

const at = (text: string, caret = text.length): Snippet => ({ text, caret });

/** How a variable is best written: with a default where contacts lack it, the cursor at what is still to say. */
export function snippetFor({ name, missing, looked_at }: TemplateVariable): Snippet {
  if (name === 'now') return at('{{ now | date }}');
  if (name === 'first_name') return at('{{ first_name | default("there") }}');
  if (looked_at > 0 && missing > 0) {
    const before = `{{ ${name} | default("`;
    return at(`${before}") }}`, before.length);
  }
  return at(`{{ ${name} }}`);
}

export const IF_TAG = at('{% if tag("") %}{% else %}{% endif %}', '{% if tag("'.length);
export const LINK = at('{{ link("https://") }}', '{{ link("https://'.length);
export const OPT_OUT = at('Reply STOP to opt out');

/** The text with the piece in the place of what is selected, and where the cursor is then. */
export function inserted(text: string, from: number, to: number, snippet: Snippet): Snippet {
  return { text: text.slice(0, from) + snippet.text + text.slice(to), caret: from + snippet.caret };
}

export const RULES = {
  name: (name: string) => (name.trim() ? null : 'Give it a name.'),
  variants: {
    body: (body: string) => {
      if (!body.trim()) return 'Write the text.';
      return characterCount(body) > BODY_LIMIT ? `Keep it to ${BODY_LIMIT} characters.` : null;
    },
  },
};

type Warning = TemplatePreview['warnings'][number];

/** What concerns one variant, or all of them. */
export const warningsFor = (warnings: readonly Warning[], key: string): Warning[] =>
  warnings.filter((warning) => warning.variant === null || warning.variant === undefined || warning.variant === key);

/** "A 67% · B 33%"; nothing for a single one. */
export const splitWords = (variants: Template['variants']): string =>
  variants.length < 2 ? '' : variants.map(({ key }, place) => `${key} ${shareWords(variants, place)}`).join(' · ');
