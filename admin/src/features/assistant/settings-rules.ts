// What the settings may be, and how they read.

const MINUTES = { day: 24 * 60, hour: 60, minute: 1 } as const;

/** 90 → "1 hour 30 minutes". */
export function durationWords(minutes: number): string {
  const parts: string[] = [];
  let left = Math.round(minutes);
  for (const [unit, size] of Object.entries(MINUTES)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return parts.join(' ') || '0 minutes';
}

/** A number field is an empty string while it is empty. */
type Typed = number | string;

const within = (min: number, max: number, whole: boolean) => (value: Typed) => {
  const number = typeof value === 'number' ? value : Number.NaN;
  if (Number.isNaN(number) || number < min || number > max) return `Between ${min} and ${max}`;
  return whole && !Number.isInteger(number) ? 'A whole number' : null;
};

export const LIMITS = {
  daily_budget_usd: { min: 0, max: 1000 },
  history_messages: { min: 0, max: 50 },
  human_quiet_minutes: { min: 5, max: 10_080 },
} as const;

export const SETTINGS_RULES = {
  daily_budget_usd: within(LIMITS.daily_budget_usd.min, LIMITS.daily_budget_usd.max, false),
  history_messages: within(LIMITS.history_messages.min, LIMITS.history_messages.max, true),
  human_quiet_minutes: within(LIMITS.human_quiet_minutes.min, LIMITS.human_quiet_minutes.max, true),
};

/** Which way texts go now, in a sentence. */
export function runningSentence(enabled: boolean, chain: string, firstModel: string | undefined): string {
  if (!enabled) return 'Off. No text leaves this server for a language model.';
  if (chain === 'none' || !firstModel) return 'On, but there is no model to ask, so everything runs built in.';
  return `On. Hard texts and open questions go to ${firstModel} first.`;
}
