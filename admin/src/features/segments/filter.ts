// A filter as a form holds it, and as the server keeps it. Pure.
import type { FilterOp, SegmentFilter } from '@/api/types';

export type Join = 'all' | 'any' | 'none';

/** How a condition's value is typed. */
export type Input = 'choice' | 'texts' | 'text' | 'tags' | 'number' | 'days' | 'times' | 'date' | 'listed' | 'nothing';

export type Rule = {
  key: string;
  field: string;
  /** Of an attribute: its name. */
  name: string;
  op: FilterOp;
  /** Texts of a list; a single text, number or date is the first. */
  values: string[];
};

export type Group = { key: string; join: Join; rules: Rule[] };

/** Conditions and groups of them; the server's filters may be deeper, these are what can be drawn. */
export type Draft = { join: 'all' | 'any'; rules: Rule[]; groups: Group[] };

type Op = { op: FilterOp; label: string; input: Input };
type Field = { field: string; label: string; group: string; ops: Op[]; choices?: { value: string; label: string }[] };

const op = (name: FilterOp, label: string, input: Input): Op => ({ op: name, label, input });
const SET = [op('is_set', 'is known', 'nothing'), op('is_not_set', 'is not known', 'nothing')];
const chosen = [op('is', 'is', 'choice'), op('is_not', 'is not', 'choice')];
const did = [
  op('within_days', 'in the last days', 'days'),
  op('not_within_days', 'not in the last days', 'days'),
  op('ever', 'ever', 'nothing'),
  op('never', 'never', 'nothing'),
];
const counted = [...did, op('at_least', 'at least so often', 'times')];

export const FIELDS: readonly Field[] = [
  {
    field: 'lifecycle_stage',
    label: 'Stage',
    group: 'Who they are',
    ops: chosen,
    choices: [
      { value: 'lead', label: 'Lead' },
      { value: 'prospect', label: 'Prospect' },
      { value: 'customer', label: 'Customer' },
      { value: 'former', label: 'Former' },
    ],
  },
  {
    field: 'tags',
    label: 'Tags',
    group: 'Who they are',
    ops: [op('has_any', 'has any of', 'tags'), op('has_none', 'has none of', 'tags')],
  },
  {
    field: 'custom',
    label: 'Attribute',
    group: 'Who they are',
    ops: [
      op('is', 'is', 'texts'),
      op('is_not', 'is not', 'texts'),
      op('contains', 'contains', 'text'),
      op('less', 'is less than', 'number'),
      op('greater', 'is more than', 'number'),
      ...SET,
    ],
  },
  {
    field: 'language',
    label: 'Language',
    group: 'Who they are',
    ops: [...chosen, ...SET],
    choices: [
      { value: 'en', label: 'English' },
      { value: 'es', label: 'Spanish' },
    ],
  },
  {
    field: 'postal_code',
    label: 'Postal code',
    group: 'Who they are',
    ops: [op('begins_with', 'begins with', 'texts'), op('is', 'is', 'texts'), op('is_not', 'is not', 'texts'), ...SET],
  },
  {
    field: 'timezone',
    label: 'Time zone',
    group: 'Who they are',
    ops: [op('is', 'is', 'texts'), op('is_not', 'is not', 'texts'), ...SET],
  },
  {
    field: 'opt_in_status',
    label: 'Consent',
    group: 'Who they are',
    ops: chosen,
    choices: [
      { value: 'opted_in', label: 'Opted in' },
      { value: 'pending', label: 'Not asked yet' },
      { value: 'opted_out', label: 'Opted out' },
    ],
  },
  {
    field: 'created',
    label: 'Added',
    group: 'Who they are',
    ops: [...did.slice(0, 2), op('since', 'since', 'date'), op('before', 'before', 'date')],
  },
  { field: 'heard', label: 'Texted us', group: 'What happened', ops: did },
  { field: 'texted', label: 'Was texted by us', group: 'What happened', ops: did },
  { field: 'booked', label: 'Booked', group: 'What happened', ops: counted },
  { field: 'visited', label: 'Came to an appointment', group: 'What happened', ops: counted },
  { field: 'no_show', label: 'Did not come', group: 'What happened', ops: counted },
  { field: 'cancelled', label: 'Cancelled', group: 'What happened', ops: counted },
  { field: 'clicked', label: 'Followed a link', group: 'What happened', ops: counted },
  { field: 'import', label: 'Was on a list', group: 'Lists', ops: [op('is', 'that was brought in', 'choice')] },
  { field: 'phone_number', label: 'Number', group: 'Lists', ops: [op('is', 'is one of', 'listed')] },
  { field: 'id', label: 'Contact', group: 'Lists', ops: [op('is', 'has one of the ids', 'listed')] },
];

const FALLBACK = FIELDS[0] as Field;

export const fieldOf = (rule: Rule): Field => FIELDS.find((one) => one.field === rule.field) ?? FALLBACK;

export const opOf = (rule: Rule): Op => {
  const { ops } = fieldOf(rule);
  return ops.find((one) => one.op === rule.op) ?? (ops[0] as Op);
};

// Those of a kept filter are keyed by their place: the same filter is the same form.
let made = 0;
const key = () => {
  made += 1;
  return `new ${made}`;
};

export const newRule = (): Rule => ({ key: key(), field: 'tags', name: '', op: 'has_any', values: [] });
export const newGroup = (): Group => ({ key: key(), join: 'any', rules: [newRule()] });
export const everybody = (): Draft => ({ join: 'all', rules: [], groups: [] });

/** Another field: what was asked of the last one means nothing of this one. */
export function withField(rule: Rule, field: string): Rule {
  const { ops } = FIELDS.find((one) => one.field === field) ?? FALLBACK;
  return { ...rule, field, op: (ops[0] as Op).op, values: [] };
}

/** Another question of the same field: the value stays where it is typed alike. */
export function withOp(rule: Rule, next: FilterOp): Rule {
  const same = opOf(rule).input === opOf({ ...rule, op: next }).input;
  return { ...rule, op: next, values: same ? rule.values : [] };
}

const isWhole = (text: string | undefined, most: number) =>
  /^[0-9]+$/.test(text ?? '') && Number(text) >= 1 && Number(text) <= most;

/** Whether the condition says something already. */
export function isComplete(rule: Rule): boolean {
  const [first] = rule.values;
  if (rule.field === 'custom' && rule.name.trim() === '') return false;
  switch (opOf(rule).input) {
    case 'nothing':
      return true;
    case 'days':
      return isWhole(first, 3660);
    case 'times':
      return isWhole(first, 100_000);
    case 'number':
      return first !== undefined && first.trim() !== '' && Number.isFinite(Number(first));
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(first ?? '');
    default:
      return rule.values.some((text) => text.trim() !== '');
  }
}

export const isReady = (draft: Draft): boolean =>
  [...draft.rules, ...draft.groups.flatMap((group) => group.rules)].every(isComplete) &&
  draft.groups.every((group) => group.rules.length > 0) &&
  (draft.join === 'all' || draft.rules.length + draft.groups.length > 0);

function conditionOf(rule: Rule): SegmentFilter {
  const field = rule.field === 'custom' ? `custom.${rule.name.trim()}` : rule.field;
  const [first = ''] = rule.values;
  const texts = rule.values.map((text) => text.trim()).filter(Boolean);
  switch (opOf(rule).input) {
    case 'nothing':
      return { field, op: rule.op };
    case 'days':
    case 'times':
    case 'number':
      return { field, op: rule.op, value: Number(first) };
    case 'date':
    case 'text':
      return { field, op: rule.op, value: first.trim() };
    default:
      return { field, op: rule.op, value: rule.field === 'import' ? first : texts };
  }
}

export function filterOf(draft: Draft): SegmentFilter {
  const groups = draft.groups.map((group): SegmentFilter => {
    const parts = group.rules.map(conditionOf);
    if (group.join === 'none') return { not: { any: parts } };
    return group.join === 'all' ? { all: parts } : { any: parts };
  });
  const parts = [...draft.rules.map(conditionOf), ...groups];
  return draft.join === 'all' ? { all: parts } : { any: parts };
}

function ruleOf(filter: SegmentFilter, place: string): Rule | undefined {
  if (!filter.field || !filter.op) return undefined;
  const custom = filter.field.startsWith('custom.');
  const field = custom ? 'custom' : filter.field;
  const known = FIELDS.find((one) => one.field === field);
  if (!known?.ops.some((one) => one.op === filter.op)) return undefined;
  const value: unknown = filter.value;
  const values = (Array.isArray(value) ? value : value == null ? [] : [value]).map(String);
  return { key: place, field, name: custom ? filter.field.slice('custom.'.length) : '', op: filter.op, values };
}

function groupOf(filter: SegmentFilter, place: string): Group | undefined {
  const not = filter.not;
  const [join, parts]: [Join, SegmentFilter[] | undefined] = not
    ? ['none', not.any ?? (not.field ? [not] : undefined)]
    : filter.all
      ? ['all', filter.all]
      : ['any', filter.any];
  const rules = parts?.map((part, n) => ruleOf(part, `${place}.${n}`));
  if (!rules || rules.length === 0 || rules.includes(undefined)) return undefined;
  return { key: place, join, rules: rules as Rule[] };
}

/** The filter as a form; none where it is deeper than one draws. */
export function draftOf(filter: SegmentFilter): Draft | undefined {
  const [join, parts]: ['all' | 'any', SegmentFilter[]] = filter.all
    ? ['all', filter.all]
    : filter.any
      ? ['any', filter.any]
      : ['all', [filter]];
  const draft: Draft = { join, rules: [], groups: [] };
  for (const [n, part] of parts.entries()) {
    const rule = ruleOf(part, `${n}`);
    const group = rule ? undefined : groupOf(part, `${n}`);
    if (rule) draft.rules.push(rule);
    else if (group) draft.groups.push(group);
    else return undefined;
  }
  return draft;
}

/** The condition that a problem of the server is about, by its place ("filter.all[1].any[0].value"). */
export function ruleAt(draft: Draft, place: string): string | undefined {
  const [first, second] = [...place.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]));
  if (first === undefined) return undefined;
  if (first < draft.rules.length) return draft.rules[first]?.key;
  return draft.groups[first - draft.rules.length]?.rules[second ?? 0]?.key;
}

/** In words, for the list. */
export function describe(filter: SegmentFilter): string {
  const draft = draftOf(filter);
  if (!draft) return 'A filter with more levels than are shown here';
  const word = (rule: Rule) => {
    const field = fieldOf(rule);
    const label = rule.field === 'custom' ? rule.name : field.label;
    const { label: asks, input } = opOf(rule);
    const shown = rule.values.map((value) => field.choices?.find((one) => one.value === value)?.label ?? value);
    if (input === 'nothing') return `${label} ${asks}`;
    if (input === 'days') return `${label} ${asks.replace('days', `${shown[0]} days`)}`;
    if (input === 'times') return `${label} at least ${shown[0]}×`;
    if (input === 'listed') return `${label} ${asks} ${shown.length.toLocaleString('en')}`;
    if (rule.field === 'import') return `${label} ${asks}`;
    return `${label} ${asks} ${shown.slice(0, 3).join(', ')}${shown.length > 3 ? ` and ${shown.length - 3} more` : ''}`;
  };
  const groups = draft.groups.map((group) => {
    const parts = group.rules.map(word).join(group.join === 'all' ? ' and ' : ' or ');
    return group.join === 'none' ? `not (${parts})` : `(${parts})`;
  });
  const parts = [...draft.rules.map(word), ...groups];
  return parts.length === 0 ? 'Everybody' : parts.join(draft.join === 'all' ? ' · ' : ' or ');
}
