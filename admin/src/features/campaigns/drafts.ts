// Campaigns as they are written: what the form holds, and what goes to the server.
import type { Campaign, CampaignAudience, CampaignFilter } from '@/api/types';
import { parsePhone } from '@/lib/phone';
import { instantOf, wallClockString } from '@/lib/time';
import { type Condition, minutesOf, spanOf, type Unit, type WinnerBy } from './words';

export const NAME_LIMIT = 120;
export const MOST_STEPS = 10;
export const MOST_LISTED = 10_000;
export const CHANNELS = ['sms', 'whatsapp', 'simulator'] as const;
export type Channel = (typeof CHANNELS)[number];

export const WHOM = ['nobody', 'everybody', 'segment', 'tags', 'listed', 'import', 'kept'] as const;
/** `kept`: conditions that this form cannot show. They stay as they are. */
export type Whom = (typeof WHOM)[number];
export type When = 'now' | 'at' | 'local';

export type StepValues = {
  key: string;
  templateId: string | null;
  wait: number;
  unit: Unit;
  condition: Condition;
};

export type CampaignValues = {
  name: string;
  whom: Whom;
  segmentId: string | null;
  tags: string[];
  listed: string;
  importId: string | null;
  kept: CampaignAudience | null;
  steps: StepValues[];
  channel: Channel | 'any';
  senderIds: string[];
  when: When;
  /** By the organization's clock, YYYY-MM-DDTHH:mm. */
  startsAt: string;
  localTime: string;
  quiet: boolean;
  quietFrom: string;
  quietUntil: string;
  pace: number | '';
  endsAt: string;
  stopOnReply: boolean;
  /** Percent; empty: never. */
  pauseAbove: number | '';
  winner: boolean;
  winnerBy: WinnerBy;
  winnerShare: number;
  winnerAfter: number;
  winnerUnit: Unit;
};

/** An instant as a field of date and time shows it in the zone. */
export const toField = (instant: string | null | undefined, zone: string): string =>
  instant ? wallClockString(instant, zone).slice(0, 16).replace(' ', 'T') : '';

/** What such a field holds, as an instant; nothing where it is not filled in. */
export function fromField(field: string, zone: string): string | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(field);
  if (!found) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = found.slice(1).map(Number);
  return instantOf({ year, month, day, hour, minute, second: 0 }, zone).toISOString();
}

const texts = (value: unknown): string[] | undefined => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
};

/** Numbers and ids, as they were pasted: one a line, or with commas between them. */
export function readList(text: string): { ids: string[]; numbers: string[]; wrong: string[] } {
  const found = { ids: new Set<string>(), numbers: new Set<string>(), wrong: [] as string[] };
  for (const piece of text.split(/[\n,;\t]+/).map((one) => one.trim())) {
    const number = parsePhone(piece);
    if (!piece) continue;
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(piece)) found.ids.add(piece.toLowerCase());
    else if (number) found.numbers.add(number);
    else found.wrong.push(piece);
  }
  return { ids: [...found.ids], numbers: [...found.numbers], wrong: found.wrong };
}

function listFilter(text: string): CampaignFilter {
  const { ids, numbers } = readList(text);
  const byId: CampaignFilter = { field: 'id', op: 'is', value: ids };
  const byNumber: CampaignFilter = { field: 'phone_number', op: 'is', value: numbers };
  if (ids.length === 0) return byNumber;
  return numbers.length === 0 ? byId : { any: [byNumber, byId] };
}

/** The list in a filter, as it would be pasted. */
function listIn(filter: CampaignFilter): string[] | undefined {
  if (filter.any) {
    const parts = filter.any.map((part) => (part.field ? listIn(part) : undefined));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  const listed = (filter.field === 'id' || filter.field === 'phone_number') && filter.op === 'is';
  return listed ? texts(filter.value) : undefined;
}

type Chosen = Pick<CampaignValues, 'whom' | 'segmentId' | 'tags' | 'listed' | 'importId' | 'kept'>;

const NOBODY: Chosen = { whom: 'nobody', segmentId: null, tags: [], listed: '', importId: null, kept: null };

/** An audience as the form shows it. */
export function chosenOf(audience: CampaignAudience | null | undefined): Chosen {
  if (!audience) return NOBODY;
  const { segment_id: segmentId, filter } = audience;
  if (segmentId)
    return filter ? { ...NOBODY, whom: 'kept', kept: audience } : { ...NOBODY, whom: 'segment', segmentId };
  if (!filter) return { ...NOBODY, whom: 'everybody' };
  const { all, any, not, field, op, value } = filter;
  if (all && all.length === 0 && !any && !not && !field) return { ...NOBODY, whom: 'everybody' };
  if (field === 'tags' && op === 'has_any' && texts(value))
    return { ...NOBODY, whom: 'tags', tags: texts(value) ?? [] };
  if (field === 'import' && op === 'is' && typeof value === 'string')
    return { ...NOBODY, whom: 'import', importId: value };
  const listed = listIn(filter);
  if (listed && listed.length > 0) return { ...NOBODY, whom: 'listed', listed: listed.join('\n') };
  return { ...NOBODY, whom: 'kept', kept: audience };
}

/** The audience that is chosen; nothing while nobody is. */
export function audienceOf(values: Chosen): CampaignAudience | null {
  switch (values.whom) {
    case 'everybody':
      return { filter: { all: [] } };
    case 'segment':
      return values.segmentId ? { segment_id: values.segmentId } : null;
    case 'tags':
      return values.tags.length > 0 ? { filter: { field: 'tags', op: 'has_any', value: values.tags } } : null;
    case 'import':
      return values.importId ? { filter: { field: 'import', op: 'is', value: values.importId } } : null;
    case 'listed': {
      const { ids, numbers } = readList(values.listed);
      return ids.length + numbers.length > 0 ? { filter: listFilter(values.listed) } : null;
    }
    case 'kept':
      return values.kept;
    default:
      return null;
  }
}

const stepOf = (step: Campaign['steps'][number]): StepValues => {
  const { count, unit } = spanOf(step.wait_minutes);
  return { key: step.id, templateId: step.template_id ?? null, wait: count, unit, condition: step.condition };
};

const firstStep: StepValues = { key: 'first', templateId: null, wait: 0, unit: 'minutes', condition: 'always' };

/** The next step: a day later, to whoever did not reply. */
export const nextStep = (steps: readonly StepValues[]): StepValues => {
  const taken = new Set(steps.map((step) => step.key));
  let n = steps.length;
  while (taken.has(`new ${n}`)) n += 1;
  return { key: `new ${n}`, templateId: null, wait: 1, unit: 'days', condition: 'not_replied' };
};

const oneOf = <T extends string>(value: unknown, choices: readonly T[]): T | undefined =>
  choices.find((choice) => choice === value);

function whenOf(campaign: Campaign | undefined): When {
  if (campaign?.local_time) return 'local';
  return campaign?.starts_at ? 'at' : 'now';
}

export function valuesOf(campaign: Campaign | undefined, zone: string): CampaignValues {
  const after = spanOf(campaign?.winner?.after_minutes ?? 240);
  return {
    name: campaign?.name ?? '',
    ...chosenOf(campaign?.audience),
    steps: campaign && campaign.steps.length > 0 ? campaign.steps.map(stepOf) : [firstStep],
    channel: oneOf(campaign?.channel, CHANNELS) ?? 'any',
    senderIds: campaign?.sender_ids ?? [],
    when: whenOf(campaign),
    startsAt: toField(campaign?.starts_at, zone),
    localTime: campaign?.local_time ?? '12:00',
    quiet: Boolean(campaign?.quiet_hours),
    quietFrom: campaign?.quiet_hours?.from ?? '18:00',
    quietUntil: campaign?.quiet_hours?.until ?? '10:00',
    pace: campaign?.max_per_minute ?? '',
    endsAt: toField(campaign?.ends_at, zone),
    stopOnReply: campaign?.stop_on_reply ?? true,
    // Kept as a share in single precision: 0.05 comes back as 0.05000000074505806.
    pauseAbove: campaign?.pause_above ? Math.round(campaign.pause_above * 1000) / 10 : '',
    winner: Boolean(campaign?.winner),
    winnerBy: campaign?.winner?.by ?? 'replies',
    winnerShare: campaign?.winner?.share ?? 20,
    winnerAfter: after.count,
    winnerUnit: after.unit,
  };
}

const number = (value: number | '' | string): number | null => {
  const n = Number(value);
  return value === '' || !Number.isFinite(n) ? null : n;
};

/** All of it: an edit takes away what is empty. */
export function bodyOf(values: CampaignValues, zone: string) {
  const share = number(values.pauseAbove);
  return {
    name: values.name.trim(),
    audience: audienceOf(values),
    steps: values.steps.flatMap((step, place) =>
      step.templateId
        ? [
            {
              template_id: step.templateId,
              wait_minutes: place === 0 ? 0 : minutesOf(Number(step.wait) || 0, step.unit),
              condition: place === 0 ? ('always' as const) : step.condition,
            },
          ]
        : [],
    ),
    channel: values.channel === 'any' ? null : values.channel,
    sender_ids: values.senderIds,
    starts_at: values.when === 'now' ? null : fromField(values.startsAt, zone),
    local_time: values.when === 'local' ? values.localTime : null,
    quiet_hours: values.quiet ? { from: values.quietFrom, until: values.quietUntil } : null,
    max_per_minute: number(values.pace),
    ends_at: fromField(values.endsAt, zone),
    stop_on_reply: values.stopOnReply,
    pause_above: share === null ? null : share / 100,
    winner: values.winner
      ? {
          by: values.winnerBy,
          share: Number(values.winnerShare) || 0,
          after_minutes: minutesOf(Number(values.winnerAfter) || 0, values.winnerUnit),
        }
      : null,
  };
}

const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

function listTrouble(values: CampaignValues): string | null {
  if (values.whom !== 'listed') return null;
  const { ids, numbers, wrong } = readList(values.listed);
  const [first] = wrong;
  if (first !== undefined) {
    const more = wrong.length > 1 ? `, and ${wrong.length - 1} more` : '';
    return `Neither a number nor an id: “${first.slice(0, 40)}”${more}.`;
  }
  return ids.length + numbers.length > MOST_LISTED ? 'Keep it to 10,000; bring a longer list in as a file.' : null;
}

/** What is wrong before the server is asked, by field. A draft may be far from whole. */
export function troublesOf(values: CampaignValues): Record<string, string> {
  const gap = values.steps.findIndex((step, place) => !step.templateId && place < values.steps.length - 1);
  const all: Record<string, string | null | false> = {
    name: !values.name.trim() && 'Give it a name.',
    listed: listTrouble(values),
    [`steps.${gap}.templateId`]: gap >= 0 && 'Choose a template, or remove the step.',
    startsAt: values.when === 'at' && !values.startsAt && 'Say when it begins.',
    localTime: values.when === 'local' && !isTime(values.localTime) && 'Say at what time of day.',
    quietUntil:
      values.quiet &&
      (!(isTime(values.quietFrom) && isTime(values.quietUntil))
        ? 'Give both times.'
        : values.quietFrom === values.quietUntil && 'Leave some of the day.'),
    endsAt:
      values.when !== 'now' && values.startsAt && values.endsAt && values.endsAt <= values.startsAt
        ? 'It must end after it begins.'
        : null,
  };
  return Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => Boolean(one[1])));
}

const FIELDS: readonly [RegExp, string][] = [
  [/^steps\[(\d+)\]\.wait_minutes/, 'steps.$1.wait'],
  [/^steps\[(\d+)\]\.condition/, 'steps.$1.condition'],
  [/^steps\[(\d+)\].*/, 'steps.$1.templateId'],
  [/^steps$/, 'steps.0.templateId'],
  [/^(audience|filter)\b.*/, 'whom'],
  [/^starts_at$/, 'startsAt'],
  [/^local_time$/, 'localTime'],
  [/^quiet_hours.*/, 'quietUntil'],
  [/^max_per_minute$/, 'pace'],
  [/^ends_at$/, 'endsAt'],
  [/^pause_above$/, 'pauseAbove'],
  [/^winner\.share$/, 'winnerShare'],
  [/^winner\.after_minutes$/, 'winnerAfter'],
  [/^winner.*/, 'winnerBy'],
  [/^sender_ids.*/, 'senderIds'],
];

/** A field of the server's as the form calls it. */
export function formField(field: string): string {
  const found = FIELDS.find(([pattern]) => pattern.test(field));
  return found ? field.replace(found[0], found[1]) : field;
}
