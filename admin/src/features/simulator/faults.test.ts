import { describe, expect, it } from 'vitest';
import type { SimulatedEvent, SimulatorFault } from '@/api/types';
import { eventText, faultText, KINDS, waitText } from './faults';

const fault = (rest: Partial<SimulatorFault>): SimulatorFault => ({
  id: '0',
  kind: 'silence',
  error_code: null,
  after_seconds: null,
  contact_id: null,
  times_left: null,
  chance_percent: 100,
  created_at: '2026-11-21T15:00:00Z',
  ...rest,
});

const event = (rest: Partial<SimulatedEvent>): SimulatedEvent => ({
  id: '0',
  message_id: '1',
  contact_id: '2',
  conversation_id: '3',
  message_status: 'sending',
  what: 'report',
  fault: null,
  provider_sid: 'SIM1',
  status: 'delivered',
  error_code: null,
  due_at: '2026-11-21T15:00:00Z',
  happened_at: null,
  effect: null,
  ...rest,
});

describe('faults in words', () => {
  it('say what happens to which texts', () => {
    expect(faultText(fault({}))).toBe('Say nothing');
    expect(faultText(fault({ kind: 'error_by_report', error_code: '30003', after_seconds: 7200, times_left: 3 }))).toBe(
      'Report an error later (30003), after 2 h, the next 3 texts',
    );
    expect(faultText(fault({ contact_id: 'c', chance_percent: 50, times_left: 0 }))).toBe(
      'Say nothing, for one contact, 50 in 100 texts, used up',
    );
  });

  it('have a wait that people can read', () => {
    expect([90, 120, 7200].map(waitText)).toEqual(['90 s', '2 min', '2 h']);
  });

  it('ask for a code where one is told, and only there', () => {
    const coded = Object.entries(KINDS).filter(([, words]) => words.code);
    expect(coded.map(([kind]) => kind)).toEqual(['error_on_send', 'error_by_report']);
  });
});

describe('what the carrier did, in words', () => {
  it('tells what is still to come from what never comes', () => {
    expect(eventText(event({}))).toBe('“delivered” will be reported');
    expect(eventText(event({ effect: 'withheld' }))).toBe('“delivered” is never reported');
    expect(eventText(event({ happened_at: '2026-11-21T15:00:01Z', effect: 'applied' }))).toBe('Reported “delivered”');
    expect(eventText(event({ happened_at: '2026-11-21T15:00:01Z', effect: 'nothing_new' }))).toBe(
      'Reported “delivered”: nothing new',
    );
  });

  it('says why', () => {
    expect(eventText(event({ what: 'taken', fault: 'late' }))).toBe('Taken (told to: report late)');
    expect(eventText(event({ what: 'refused', error_code: '21610' }))).toBe('Refused with 21610');
  });
});
