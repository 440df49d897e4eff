import { describe, expect, it } from 'vitest';
import type { Template, TemplatePreview } from '@/api/types';
import {
  bodyOf,
  formPath,
  IF_TAG,
  inserted,
  LINK,
  nextVariant,
  previewOf,
  RULES,
  shareWords,
  snippetFor,
  splitWords,
  valuesOf,
  variantOf,
  warningsFor,
} from './drafts';

const template: Template = {
  id: 't1',
  name: 'Ready',
  purpose: 'transactional',
  channel: null,
  language: 'es',
  variants: [
    { key: 'A', body: 'Hi', weight: 2 },
    { key: 'C', body: 'Hello', weight: 1 },
  ],
  media: [],
  whatsapp: [],
  archived_at: null,
  created_at: '2026-11-21T12:00:00Z',
  updated_at: '2026-11-21T12:00:00Z',
  version: 3,
};

describe('the form of a template', () => {
  it('gives back what it was filled from', () => {
    const { name, purpose, channel, language, variants } = bodyOf(valuesOf(template));
    expect({ name, purpose, channel, language, variants }).toEqual({
      name: 'Ready',
      purpose: 'transactional',
      channel: null,
      language: 'es',
      variants: template.variants,
    });
  });

  it('begins with one empty variant', () => {
    expect(valuesOf(undefined).variants).toEqual([{ key: 'A', body: '', weight: 1 }]);
    expect(RULES.name(' ')).toMatch(/name/);
    expect(RULES.variants.body(' ')).toMatch(/Write/);
    expect(RULES.variants.body('x'.repeat(4801))).toMatch(/4800/);
  });

  it('looks only at variants with words', () => {
    const values = {
      ...valuesOf(template),
      variants: [...valuesOf(template).variants, { key: 'B', body: ' ', weight: 1 }],
    };
    expect(previewOf(values, 'c1').variants.map((v) => v.key)).toEqual(['A', 'C']);
    expect(previewOf(values, 'c1').contact_id).toBe('c1');
  });

  it('knows the server’s fields by its own names', () => {
    expect(formPath('variants[1].body')).toBe('variants.1.body');
    expect(formPath('whatsapp[0].variables.2')).toBe('whatsapp.0.variables.2');
    expect([variantOf('variants[1].body'), variantOf('variants.2.weight'), variantOf('name')]).toEqual([
      1,
      2,
      undefined,
    ]);
  });
});

describe('variants', () => {
  it('get a letter that is free', () => {
    expect(nextVariant(valuesOf(template).variants)).toEqual({ key: 'B', body: 'Hello', weight: 1 });
  });

  it('share by weight', () => {
    expect(splitWords(template.variants)).toBe('A 67% · C 33%');
    expect(splitWords(template.variants.slice(0, 1))).toBe('');
    expect(shareWords([{ key: 'A', body: '', weight: 0 }], 0)).toBe('0%');
  });

  it('are warned of what concerns them', () => {
    const warning = (variant: string | null, message: string): TemplatePreview['warnings'][number] => ({
      code: 'long',
      variant,
      message,
    });
    const warnings = [warning('A', 'a'), warning('C', 'c'), warning(null, 'all')];
    expect(warningsFor(warnings, 'C').map((w) => w.message)).toEqual(['c', 'all']);
  });
});

describe('pieces to insert', () => {
  const variable = (name: string, missing = 0, looked_at = 10) => ({ name, meaning: null, missing, looked_at });

  it('have a default where contacts lack the value', () => {
    expect(snippetFor(variable('first_name')).text).toBe('{{ first_name | default("there") }}');
    expect(snippetFor(variable('custom.plan')).text).toBe('{{ custom.plan }}');
    expect(snippetFor(variable('business_name', 0, 0)).text).toBe('{{ business_name }}');
    expect(snippetFor(variable('now', 0, 0)).text).toBe('{{ now | date }}');
    const dear = snippetFor(variable('custom["car model"]', 3));
    expect(dear.text).toBe('{{ custom["car model"] | default("") }}');
    expect(dear.text.slice(0, dear.caret)).toBe('{{ custom["car model"] | default("');
  });

  it('go where the cursor is, and it goes on where something is to be said', () => {
    const done = inserted('Hi , bye', 3, 3, snippetFor(variable('custom.plan')));
    expect(done.text).toBe('Hi {{ custom.plan }}, bye');
    expect(done.text.slice(0, done.caret)).toBe('Hi {{ custom.plan }}');
    expect(inserted('Hi you', 3, 6, LINK)).toEqual({ text: 'Hi {{ link("https://") }}', caret: 20 });
    expect(IF_TAG.text.slice(0, IF_TAG.caret)).toBe('{% if tag("');
  });
});
