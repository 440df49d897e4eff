import { describe, expect, it } from 'vitest';
import type { Campaign } from '@/api/types';
import {
  audienceOf,
  bodyOf,
  chosenOf,
  formField,
  fromField,
  nextStep,
  readList,
  toField,
  troublesOf,
  valuesOf,
} from './drafts';
import { errorWords, minutesOf, reasonWords, share, spanOf, spanWords, waitingWords } from './words';

const ZONE = 'America/New_York';
const id = '0195f2c4-0000-7000-8000-000000000001';

const campaign: Campaign = {
  id,
  name: 'Autumn',
  state: 'draft',
  audience: { filter: { field: 'tags', op: 'has_any', value: ['vip'] } },
  channel: null,
  sender_ids: [],
  starts_at: '2026-12-01T14:30:00Z',
  local_time: null,
  quiet_hours: { from: '18:00', until: '10:00' },
  max_per_minute: 600,
  ends_at: null,
  stop_on_reply: true,
  pause_above: 0.05000000074505806,
  winner: { by: 'clicks', share: 30, after_minutes: 120 },
  winner_at: null,
  pause_reason: null,
  launched_at: null,
  frozen_at: null,
  ended_at: null,
  created_by: null,
  created_at: '2026-11-21T12:00:00Z',
  updated_at: '2026-11-21T12:00:00Z',
  version: 1,
  steps: [
    { id: 's1', position: 0, template_id: 't1', template_name: 'One', wait_minutes: 0, condition: 'always' },
    { id: 's2', position: 1, template_id: 't2', template_name: 'Two', wait_minutes: 2880, condition: 'not_replied' },
  ],
  books: null,
};

describe('the form of a campaign', () => {
  it('gives back what it was filled from', () => {
    expect(bodyOf(valuesOf(campaign, ZONE), ZONE)).toEqual({
      name: 'Autumn',
      audience: campaign.audience,
      steps: [
        { template_id: 't1', wait_minutes: 0, condition: 'always' },
        { template_id: 't2', wait_minutes: 2880, condition: 'not_replied' },
      ],
      channel: null,
      sender_ids: [],
      starts_at: '2026-12-01T14:30:00.000Z',
      local_time: null,
      quiet_hours: { from: '18:00', until: '10:00' },
      max_per_minute: 600,
      ends_at: null,
      stop_on_reply: true,
      pause_above: 0.05,
      winner: { by: 'clicks', share: 30, after_minutes: 120 },
    });
  });

  it('can be saved long before it is whole', () => {
    const values = { ...valuesOf(undefined, ZONE), name: ' Spring ' };
    expect(troublesOf(values)).toEqual({});
    expect(bodyOf(values, ZONE)).toMatchObject({
      name: 'Spring',
      audience: null,
      steps: [],
      starts_at: null,
      winner: null,
    });
  });

  it('sends the first text to everybody at once, whichever became the first', () => {
    const values = valuesOf(campaign, ZONE);
    const [first, second] = values.steps;
    const turned = bodyOf({ ...values, steps: [second, first].filter((s) => s !== undefined) }, ZONE);
    expect(turned.steps).toEqual([
      { template_id: 't2', wait_minutes: 0, condition: 'always' },
      { template_id: 't1', wait_minutes: 0, condition: 'always' },
    ]);
  });

  it('counts time by the organization’s clock', () => {
    expect(toField('2026-12-01T14:30:00Z', ZONE)).toBe('2026-12-01T09:30');
    expect(fromField('2026-12-01T09:30', ZONE)).toBe('2026-12-01T14:30:00.000Z');
    expect(fromField('', ZONE)).toBeNull();
    const local = { ...valuesOf(campaign, ZONE), when: 'local' as const, startsAt: '', localTime: '12:15' };
    expect(bodyOf(local, ZONE)).toMatchObject({ starts_at: null, local_time: '12:15' });
    expect(bodyOf({ ...local, when: 'now' }, ZONE)).toMatchObject({ starts_at: null, local_time: null });
  });

  it('says what is wrong where it is', () => {
    const values = valuesOf(campaign, ZONE);
    expect(troublesOf({ ...values, name: ' ' })).toHaveProperty('name');
    expect(troublesOf({ ...values, startsAt: '' })).toHaveProperty('startsAt');
    expect(troublesOf({ ...values, endsAt: '2026-12-01T09:30' })).toHaveProperty('endsAt');
    expect(troublesOf({ ...values, quietUntil: '18:00' })).toHaveProperty('quietUntil');
    const gap = values.steps.map((step, place) => (place === 0 ? { ...step, templateId: null } : step));
    expect(troublesOf({ ...values, steps: gap })).toHaveProperty(['steps.0.templateId']);
    expect(troublesOf({ ...values, whom: 'listed', listed: 'nonsense\nmore' }).listed).toMatch(
      /“nonsense”, and 1 more/,
    );
  });

  it('knows the server’s fields by its own names', () => {
    expect(formField('steps[1].template_id')).toBe('steps.1.templateId');
    expect(formField('steps[1].wait_minutes')).toBe('steps.1.wait');
    expect(formField('steps')).toBe('steps.0.templateId');
    expect(formField('filter.any[2].value')).toBe('whom');
    expect(formField('winner.share')).toBe('winnerShare');
    expect(formField('name')).toBe('name');
  });

  it('gives each text a key of its own', () => {
    const steps = [...valuesOf(undefined, ZONE).steps];
    for (let n = 0; n < 4; n += 1) steps.push(nextStep(steps));
    steps.splice(1, 1);
    steps.push(nextStep(steps));
    expect(new Set(steps.map((step) => step.key)).size).toBe(steps.length);
  });
});

describe('an audience', () => {
  it.each([
    ['everybody', { filter: { all: [] } }],
    ['segment', { segment_id: id }],
    ['tags', { filter: { field: 'tags', op: 'has_any', value: ['vip', 'old'] } }],
    ['import', { filter: { field: 'import', op: 'is', value: id } }],
    ['listed', { filter: { field: 'phone_number', op: 'is', value: ['+14155550101'] } }],
    [
      'listed',
      {
        filter: {
          any: [
            { field: 'phone_number', op: 'is', value: ['+14155550101'] },
            { field: 'id', op: 'is', value: [id] },
          ],
        },
      },
    ],
    ['kept', { filter: { field: 'visited', op: 'at_least', value: 5 } }],
    ['kept', { segment_id: id, filter: { field: 'tags', op: 'has_any', value: ['vip'] } }],
  ] as const)('%s comes back as it was', (whom, audience) => {
    const chosen = chosenOf(audience as Campaign['audience']);
    expect(chosen.whom).toBe(whom);
    expect(audienceOf(chosen)).toEqual(audience);
  });

  it('is nobody until it is said', () => {
    expect(chosenOf(null).whom).toBe('nobody');
    expect(audienceOf({ ...chosenOf(null), whom: 'segment' })).toBeNull();
    expect(audienceOf({ ...chosenOf(null), whom: 'tags' })).toBeNull();
  });

  it('is read from what is pasted', () => {
    expect(readList(`(415) 555-0101, +1 415 555 0102\n${id}\n\n+14155550101; what?`)).toEqual({
      ids: [id],
      numbers: ['+14155550101', '+14155550102'],
      wrong: ['what?'],
    });
  });
});

describe('words', () => {
  it('tell reasons, and what has none', () => {
    expect(reasonWords('quiet_hours')).toBe('quiet hours where they are');
    expect(reasonWords('something_new')).toBe('something new');
    expect(reasonWords('constructor')).toBe('constructor');
    expect(waitingWords('')).toBe('their turn');
    expect(errorWords('30007')).toMatch(/spam/);
    expect(errorWords('opted_out')).toBe('opted out');
    expect(errorWords('99999')).toMatch(/codes/);
  });

  it('tell spans by the largest unit', () => {
    expect([0, 90, 120, 1440, 2880].map(spanWords)).toEqual(['0 minutes', '90 minutes', '2 hours', '1 day', '2 days']);
    const { count, unit } = spanOf(4320);
    expect(minutesOf(count, unit)).toBe(4320);
  });

  it('tell shares', () => {
    expect([share(1, 3), share(2, 2), share(0, 0)]).toEqual(['33.3%', '100%', '–']);
  });
});
