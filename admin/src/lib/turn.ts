// How one turn of the assistant is put into words.
import { humanize } from './labels';

export type ExplainedTurn = {
  intent: string;
  confidence: number;
  agent: string;
  duration_ms: number;
  source: string;
  model?: string | null;
  model_ms?: number | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  cost_usd?: number | null;
  cost_estimated: boolean;
  model_error?: string | null;
};

const INTENTS: Record<string, string> = {
  book: 'Wants to book',
  availability: 'Asks what is free',
  reschedule: 'Wants to move',
  cancel: 'Wants to cancel',
  lookup: 'Asks about a booking',
  confirm: 'Says yes',
  deny: 'Says no',
  choose_option: 'Chooses an option',
  greeting: 'Greets',
  thanks: 'Thanks',
  goodbye: 'Says goodbye',
  help: 'Asks for help',
  human: 'Asks for a person',
  question: 'Asks a question',
  opt_out: 'Wants no more texts',
  opt_in: 'Wants texts again',
  other: 'Something else',
};

const AGENTS: Record<string, string> = {
  scheduling: 'Scheduling',
  general: 'General questions',
  reports: 'Reports',
  handoff: 'Handing over',
  consent: 'Consent',
};

const PROVIDERS: Record<string, string> = {
  openrouter: 'OpenRouter',
  vercel: 'Vercel AI Gateway',
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  litellm: 'LiteLLM',
  openai_compatible: 'OpenAI-compatible server',
};

const MODEL_ERRORS: Record<string, string> = {
  timeout: 'It did not answer in time.',
  circuit_open: 'It failed too often lately, so it was left out for a while.',
  unreachable: 'It could not be reached.',
  rate_limited: 'It had too many requests at that moment.',
  server_error: 'It had a fault of its own.',
  redirected: 'It pointed elsewhere, which is not followed.',
  request_refused: 'It did not accept the request.',
  key_refused: 'It does not accept the key.',
  key_lost: 'The stored key can’t be opened any more.',
  no_credit: 'The account with the provider has no credit left.',
  unknown_model: 'The provider does not know the model.',
  over_budget: 'Today’s budget is used up.',
  not_configured: 'No model is set up.',
  switched_off: 'It is switched off.',
  bad_answer: 'Its answer did not have the right form.',
  no_such_entry: 'It named a knowledge entry that does not exist.',
  no_such_option: 'It chose an option that was not offered.',
  no_such_service: 'It named a service that does not exist.',
  no_such_time: 'It named a time that does not exist.',
  filtered: 'Its answer claimed something that nobody had checked.',
};

const known = (table: Record<string, string>, value: string) =>
  (Object.hasOwn(table, value) ? table[value] : undefined) ?? humanize(value);

export const intentName = (intent: string) => known(INTENTS, intent);
export const agentName = (agent: string) => known(AGENTS, agent);
export const aiProviderName = (provider: string) => known(PROVIDERS, provider);

/** A code in words; a sentence stays as it is. */
export function modelErrorSentence(code: string): string {
  if (/\s/.test(code)) return code;
  return Object.hasOwn(MODEL_ERRORS, code) ? (MODEL_ERRORS[code] ?? '') : `${humanize(code)}.`;
}

/** Why a model was of no help in this turn; null where it was, or was not needed. */
export function modelNote(turn: Pick<ExplainedTurn, 'model' | 'model_error'>): string | null {
  if (!turn.model_error) return null;
  const sentence = modelErrorSentence(turn.model_error);
  return turn.model ? `The language model didn’t help. ${sentence}` : `No language model was asked. ${sentence}`;
}

/** The server's explanation is a clause; on the screen it stands alone. */
export function explanationSentence(explanation: string): string {
  const text = explanation.trim();
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

/** "openrouter:openai/gpt-5-mini" → "openai/gpt-5-mini by OpenRouter". Model names may hold colons of their own. */
export function modelName(model: string): string {
  const [, provider, name] = /^([^:]+):(.+)$/.exec(model) ?? [];
  return provider && name && Object.hasOwn(PROVIDERS, provider) ? `${name} by ${aiProviderName(provider)}` : model;
}

export const percentOf = (share: number) => Math.round(share * 100);

export function formatMilliseconds(ms: number): string {
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms > 0 && ms < 1 ? 'under 1 ms' : `${Math.round(ms)} ms`;
}

const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const fractions = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumSignificantDigits: 2,
});

/** Whole cents from one cent up; below that two digits that say something: "$0.00034". */
export function formatUsd(amount: number): string {
  if (amount === 0 || Math.abs(amount) >= 0.01) return cents.format(amount);
  return Math.abs(amount) < 0.000001 ? 'under $0.000001' : fractions.format(amount);
}

/** Whose reading was followed. */
export function sourceWords(turn: Pick<ExplainedTurn, 'source' | 'model'>): string {
  if (turn.source !== 'model') return 'Built-in';
  return turn.model ? modelName(turn.model) : 'A language model';
}

/** One line for the closed expander: "Wants to book, 92 % sure · built-in · 14 ms". */
export function turnLine(turn: ExplainedTurn): string {
  const asked = turn.model && turn.source !== 'model' ? ' (a model was asked)' : '';
  const source = turn.source === 'model' ? sourceWords(turn) : `built-in${asked}`;
  return `${intentName(turn.intent)}, ${percentOf(turn.confidence)} % sure · ${source} · ${formatMilliseconds(turn.duration_ms)}`;
}

export type Fact = { name: string; value: string };

const tokens = new Intl.NumberFormat('en-US');

/** What asking a model took, where one was asked. */
export function modelFacts(turn: ExplainedTurn): Fact[] {
  if (!turn.model) return [];
  // A model that was followed is named already, as who understood the text.
  const facts: Fact[] = turn.source === 'model' ? [] : [{ name: 'Model asked', value: modelName(turn.model) }];
  if (turn.model_ms != null) facts.push({ name: 'Model took', value: formatMilliseconds(turn.model_ms) });
  if (turn.input_tokens != null || turn.output_tokens != null) {
    facts.push({
      name: 'Tokens',
      value: `${tokens.format(turn.input_tokens ?? 0)} in, ${tokens.format(turn.output_tokens ?? 0)} out`,
    });
  }
  if (turn.cost_usd != null) {
    facts.push({ name: turn.cost_estimated ? 'Cost (estimated)' : 'Cost', value: formatUsd(turn.cost_usd) });
  }
  return facts;
}
