import type { Tone } from './labels';

/** How a sender is doing, as far as words need it. */
export type Health = {
  tried: number;
  delivered: number;
  failed: number;
  delivery_rate?: number | null;
  error_rate?: number | null;
};

const KINDS: Record<string, string> = {
  ten_dlc: '10DLC number',
  long_code: 'Ordinary number',
  toll_free: 'Toll-free number',
  short_code: 'Short code',
  whatsapp: 'WhatsApp sender',
  simulator: 'Simulator',
};

export const senderKind = (kind: string): string => KINDS[kind] ?? kind.replaceAll('_', ' ');

const plain = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 });

/** "3.75 segments a second"; a slow one by the minute. By WhatsApp a text is never cut into segments. */
export function paceText(perSecond: number | null | undefined, channel = 'sms'): string {
  if (perSecond === null || perSecond === undefined) return 'No limit';
  const unit = channel === 'whatsapp' ? 'text' : 'segment';
  if (perSecond < 1) return `${plain.format(perSecond * 60)} ${unit}s a minute`;
  return `${plain.format(perSecond)} ${unit}${perSecond === 1 ? '' : 's'} a second`;
}

/** Where its number is: "Area code 415, US". */
export function areaText(country: string | null | undefined, areaCode: string | null | undefined): string {
  if (areaCode) return `Area code ${areaCode}${country ? `, ${country}` : ''}`;
  return country ? `${country}, no area` : 'No area';
}

const texts = (n: number): string => `${plain.format(n)} ${n === 1 ? 'text' : 'texts'}`;

/** The whole of it as a sentence, which also stands for the bar. */
export function healthText(health: Health): string {
  const { tried, delivered, failed } = health;
  if (tried === 0) return 'Nothing sent lately.';
  const open = Math.max(0, tried - delivered - failed);
  const parts = [`${texts(tried)} sent`, `${plain.format(delivered)} delivered`];
  if (failed > 0) parts.push(`${plain.format(failed)} failed (${percent.format(health.error_rate ?? 0)})`);
  if (open > 0) parts.push(`${plain.format(open)} not known yet`);
  return `${parts.join(', ')}.`;
}

/** Fewer texts say nothing about a sender. */
const TELLING = 20;

export function healthLabel(health: Health): { label: string; tone: Tone } {
  const rate = health.error_rate ?? 0;
  if (health.tried < TELLING) return { label: 'Few texts', tone: 'neutral' };
  if (rate > 0.25) return { label: 'Many fail', tone: 'bad' };
  if (rate > 0.05) return { label: 'Some fail', tone: 'warn' };
  return { label: 'Healthy', tone: 'good' };
}

export type Hour = { hour: string; tried: number; delivered: number; failed: number };

/** The last 24 hours up to the one of `now`, oldest first, with those in which nothing was sent. */
export function lastDay(hours: readonly Hour[], now: number): Hour[] {
  const known = new Map(hours.map((one) => [Date.parse(one.hour), one]));
  const current = Math.floor(now / 3_600_000) * 3_600_000;
  return Array.from({ length: 24 }, (_, n) => {
    const at = current - (23 - n) * 3_600_000;
    return known.get(at) ?? { hour: new Date(at).toISOString(), tried: 0, delivered: 0, failed: 0 };
  });
}

/** Carriers' errors by the code, as far as staff can do something about them. */
const ERRORS: Record<string, string> = {
  '21211': 'Not a phone number',
  '21408': 'Texts to this country are not allowed for your account',
  '21608': 'A trial account texts verified numbers only',
  '21610': 'They replied STOP to this sender',
  '21614': 'Not a mobile number',
  '21635': 'A landline',
  '30001': 'Queued too long at the carrier',
  '30002': 'The Twilio account is suspended',
  '30003': 'The phone was off or out of reach',
  '30004': 'Blocked by the carrier or the phone',
  '30005': 'The number is not in use',
  '30006': 'A landline, or a carrier that cannot be reached',
  '30007': 'Filtered by the carrier as unwanted',
  '30008': 'Unknown error of the carrier',
  '30022': 'Sent faster than the registration allows',
  '30032': 'The toll-free number is not verified',
  '30034': 'The number is not registered for texts (10DLC)',
  '63016': 'Outside of WhatsApp’s 24 hours, where only templates go',
  unknown: 'The carrier gave no code',
};

export const carrierError = (code: string): string => ERRORS[code] ?? 'See the code at twilio.com';
