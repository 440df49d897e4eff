import type { SimulatedEvent, SimulatorFault, SimulatorFaultKind } from '@/api/types';

type KindWords = { label: string; hint: string; code: boolean; wait: boolean };

/** What a carrier can do wrong, in words. */
export const KINDS: Record<SimulatorFaultKind, KindWords> = {
  error_on_send: { label: 'Refuse it at once', hint: 'The carrier answers with an error.', code: true, wait: false },
  error_by_report: { label: 'Report an error later', hint: 'It is taken, then undelivered.', code: true, wait: true },
  silence: { label: 'Say nothing', hint: 'It is delivered, and nobody reports so.', code: false, wait: false },
  late: { label: 'Report late', hint: 'The reports come after the wait.', code: false, wait: true },
  reordered: { label: 'Report in the wrong order', hint: 'Delivered before sent.', code: false, wait: false },
  duplicate: { label: 'Report twice', hint: 'Each report comes again.', code: false, wait: false },
  reports_first: {
    label: 'Report before answering',
    hint: 'The reports overtake the answer to the send.',
    code: false,
    wait: false,
  },
  answer_lost: {
    label: 'Lose the answer',
    hint: 'It is taken, but the answer times out. It must be looked up, not sent twice.',
    code: false,
    wait: false,
  },
  request_lost: {
    label: 'Lose the request',
    hint: 'It never arrives. After looking for it, it is sent again.',
    code: false,
    wait: false,
  },
};

/** Codes worth a try, with what Twilio means by them. */
export const CODES = [
  { value: '30003', label: '30003 · phone unreachable' },
  { value: '30005', label: '30005 · unknown number' },
  { value: '30006', label: '30006 · landline' },
  { value: '30007', label: '30007 · filtered by the carrier' },
  { value: '30008', label: '30008 · unknown error' },
  { value: '30034', label: '30034 · number not registered' },
  { value: '21610', label: '21610 · replied STOP' },
  { value: '21211', label: '21211 · not a number' },
  { value: '20429', label: '20429 · too many requests' },
  { value: '20003', label: '20003 · wrong credentials' },
  { value: '20500', label: '20500 · failed inside Twilio' },
] as const;

/** Seconds as people say them: 90 is "90 s", 7200 "2 h". */
export function waitText(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}

/** One fault as a sentence: "Report an error later (30003), after 2 h, to the next 3 texts, to half". */
export function faultText(fault: SimulatorFault, everybody = true): string {
  const parts = [KINDS[fault.kind].label + (fault.error_code ? ` (${fault.error_code})` : '')];
  if (fault.after_seconds) parts.push(`after ${waitText(fault.after_seconds)}`);
  if (!everybody || fault.contact_id) parts.push('for one contact');
  if (fault.chance_percent < 100) parts.push(`${fault.chance_percent} in 100 texts`);
  if (fault.times_left === 0) parts.push('used up');
  else if (fault.times_left)
    parts.push(fault.times_left === 1 ? 'the next text' : `the next ${fault.times_left} texts`);
  return parts.join(', ');
}

/** What the carrier did or will do, as a sentence. */
export function eventText(event: SimulatedEvent): string {
  const why = event.fault
    ? ` (told to: ${KINDS[event.fault as SimulatorFaultKind]?.label.toLowerCase() ?? event.fault})`
    : '';
  const code = event.error_code ? ` ${event.error_code}` : '';
  switch (event.what) {
    case 'taken':
      return `Taken${why}`;
    case 'refused':
      return `Refused with${code || ' an error'}`;
    case 'lost':
      return 'Never arrived, no answer';
    default: {
      const report = `“${event.status ?? ''}${code}”`;
      if (event.effect === 'withheld') return `${report} is never reported`;
      if (!event.happened_at) return `${report} will be reported`;
      return event.effect === 'applied' ? `Reported ${report}` : `Reported ${report}: nothing new`;
    }
  }
}
