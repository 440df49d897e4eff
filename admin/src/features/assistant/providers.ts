// The kinds of providers, and the order of the chain.

type ProviderKind = { example: string; note: string };

const OWN_SERVER = 'Its address is set on the server, with the installation’s settings.';

export const PROVIDER_KINDS = {
  openrouter: { example: 'openai/gpt-5-mini', note: 'Many models of many makers with one key.' },
  vercel: { example: 'openai/gpt-5-mini', note: 'Many models of many makers with one key.' },
  openai: { example: 'gpt-5-mini', note: 'OpenAI’s own models.' },
  anthropic: { example: 'claude-haiku-4-5', note: 'Anthropic’s own models.' },
  litellm: { example: 'gpt-5-mini', note: OWN_SERVER },
  openai_compatible: { example: 'qwen3:8b', note: OWN_SERVER },
} as const satisfies Record<string, ProviderKind>;

export type Kind = keyof typeof PROVIDER_KINDS;
export const KINDS = Object.keys(PROVIDER_KINDS) as Kind[];

/** `ids` with the one at `index` a place up (-1) or down (1); unchanged at the ends. */
export function moved(ids: readonly string[], index: number, by: -1 | 1): string[] {
  const next = [...ids];
  const [a, b] = [next[index], next[index + by]];
  if (a === undefined || b === undefined) return next;
  next[index] = b;
  next[index + by] = a;
  return next;
}

/** The providers in the order of `ids`; one that is not named keeps its place at the end. */
export function inOrder<P extends { id: string }>(providers: readonly P[], ids: readonly string[]): P[] {
  const place = (p: P) => (ids.includes(p.id) ? ids.indexOf(p.id) : ids.length);
  return [...providers].sort((a, b) => place(a) - place(b));
}

type Prices = { input_price: number | string; output_price: number | string };

const typed = (value: number | string) => value !== '';

export const PROVIDER_RULES = {
  model: (value: string) => (value.trim() ? null : 'Name the model'),
  input_price: (value: number | string, { output_price }: Prices) =>
    typed(output_price) && !typed(value) ? 'Give both prices or none' : null,
  output_price: (value: number | string, { input_price }: Prices) =>
    typed(input_price) && !typed(value) ? 'Give both prices or none' : null,
};
