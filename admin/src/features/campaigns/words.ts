// Why recipients stand where they stand, in words. A reason that nobody wrote words for shows as itself.
import { humanize } from '@/lib/labels';

const REASONS: Record<string, string> = {
  // They wait.
  quiet_hours: 'quiet hours where they are',
  campaign_hours: 'the campaign’s own quiet hours',
  local_time: 'the time of day on their clock',
  scheduled: 'the beginning of the campaign',
  frequency_cap: 'texted as often as they may be',
  waits_for_winner: 'the better variant',
  unread_text: 'a text of theirs is being read first',
  rate_limited: 'the sender is at its pace',
  // They are not texted, or no more.
  no_consent: 'have not agreed to such texts',
  opted_out: 'opted out',
  carrier_opted_out: 'stopped the sender at the carrier',
  under_review: 'may have opted out, nobody decided yet',
  blocked: 'on the block list',
  do_not_call: 'on a do-not-call list',
  bad_number: 'no text arrives at their number',
  outside_window: 'WhatsApp’s 24 hours are over, and the template has none of WhatsApp’s',
  no_sender: 'none of its senders is in use',
  archived: 'contact put away',
  replied: 'replied',
  booked: 'booked',
  campaign_cancelled: 'the campaign was cancelled',
  expired: 'its end came first',
  no_legal_window: 'no lawful hour before its end',
  never_open: 'its quiet hours leave no hour for them',
  missing_variable: 'a value that the text needs is not known',
  not_a_date: 'a date in the text cannot be read',
  text_too_long: 'the text would be too long',
  empty_text: 'the text would be empty',
  unresolved_braces: 'a variable would show as such',
  whatsapp_template: 'WhatsApp’s template cannot be filled',
  no_such_step: 'the step is gone',
};

const words = (table: Record<string, string>, code: string): string | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;

export const reasonWords = (reason: string): string => words(REASONS, reason) ?? humanize(reason).toLowerCase();

/** Whoever waits without a reason waits for their turn. */
export const waitingWords = (reason: string): string => (reason ? reasonWords(reason) : 'their turn');

const ERRORS: Record<string, string> = {
  '': 'no reason was given',
  21211: 'not a number that can be texted',
  21408: 'the account may not text this country',
  21610: 'replied STOP to the sender',
  21612: 'the sender cannot reach the number',
  21614: 'not a mobile number',
  30001: 'the provider’s queue was full',
  30002: 'the account was suspended',
  30003: 'phone off or out of reach',
  30004: 'blocked by the phone or its carrier',
  30005: 'the number is not in use',
  30006: 'a landline, or a carrier that takes no texts',
  30007: 'filtered by the carrier as spam',
  30008: 'the carrier gave no reason',
  30022: 'over the carrier’s limit a day',
  30032: 'the toll-free number is not verified',
  30034: 'the number is not registered for campaigns (10DLC)',
  63003: 'not on WhatsApp',
  63016: 'outside WhatsApp’s 24 hours, without a template',
  63018: 'over WhatsApp’s limit',
  63024: 'not a WhatsApp number',
  63049: 'WhatsApp chose not to deliver it',
  gave_up: 'the provider could not be reached in time',
};

/** The provider’s code, or a rule’s, in words. */
export const errorWords = (code: string): string =>
  words(ERRORS, code) ??
  words(REASONS, code) ??
  (/^\d+$/.test(code) ? 'see the provider’s list of codes' : humanize(code));

const CONDITIONS = {
  always: 'everybody',
  not_replied: 'who did not reply',
  replied: 'who replied',
  not_clicked: 'who did not follow a link',
  clicked: 'who followed a link',
  not_booked: 'who did not book',
  booked: 'who booked',
} as const;

export type Condition = keyof typeof CONDITIONS;
export const CONDITION_CHOICES = Object.entries(CONDITIONS).map(([value, label]) => ({
  value: value as Condition,
  label: `To ${label}`,
}));
export const conditionWords = (condition: Condition): string => CONDITIONS[condition];

const WINNERS = { replies: 'more replies', clicks: 'more clicks', bookings: 'more bookings' } as const;
export type WinnerBy = keyof typeof WINNERS;
export const WINNER_CHOICES = Object.entries(WINNERS).map(([value, label]) => ({ value: value as WinnerBy, label }));
export const winnerWords = (by: WinnerBy): string => WINNERS[by];

export const people = (n: number): string => `${n.toLocaleString('en-US')} ${n === 1 ? 'contact' : 'contacts'}`;

/** "3.4%" of a whole; a dash where there is none. */
export const share = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((part / whole) * 100).toLocaleString('en-US', { maximumFractionDigits: 1 })}%`;

const UNITS = [
  ['days', 1440],
  ['hours', 60],
  ['minutes', 1],
] as const;
export type Unit = (typeof UNITS)[number][0];

/** Minutes in the largest unit that says them wholly. */
export function spanOf(minutes: number): { count: number; unit: Unit } {
  const [unit, size] = UNITS.find(([, each]) => minutes > 0 && minutes % each === 0) ?? (['minutes', 1] as const);
  return { count: minutes / size, unit };
}

export const minutesOf = (count: number, unit: Unit): number =>
  Math.round(count * (UNITS.find(([name]) => name === unit)?.[1] ?? 1));

export const UNIT_CHOICES = UNITS.map(([value]) => ({ value, label: value })).reverse();

/** "1 day", "90 minutes". */
export function spanWords(minutes: number): string {
  const { count, unit } = spanOf(minutes);
  return `${count.toLocaleString('en-US')} ${count === 1 ? unit.slice(0, -1) : unit}`;
}
