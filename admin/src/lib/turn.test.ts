import { describe, expect, it } from 'vitest';
import {
  type ExplainedTurn,
  explanationSentence,
  formatMilliseconds,
  formatUsd,
  modelErrorSentence,
  modelFacts,
  modelName,
  modelNote,
  turnLine,
} from './turn';

const local: ExplainedTurn = {
  intent: 'book',
  confidence: 0.918,
  agent: 'scheduling',
  duration_ms: 13.6,
  source: 'local',
  cost_estimated: false,
};
const byModel: ExplainedTurn = {
  ...local,
  intent: 'question',
  source: 'model',
  model: 'openrouter:openai/gpt-5-mini',
  model_ms: 812.4,
  duration_ms: 845,
  input_tokens: 1234,
  output_tokens: 56,
  cost_usd: 0.000342,
  cost_estimated: true,
};

describe('the line under a reply', () => {
  it('says what was understood, by whom and how fast', () => {
    expect(turnLine(local)).toBe('Wants to book, 92 % sure · built-in · 14 ms');
    expect(turnLine(byModel)).toBe('Asks a question, 92 % sure · openai/gpt-5-mini by OpenRouter · 845 ms');
  });

  it('tells when a model was asked and not followed', () => {
    expect(turnLine({ ...local, model: 'openai:gpt-5-mini', model_error: 'timeout' })).toContain(
      'built-in (a model was asked)',
    );
  });

  it('shows an intent it does not know as itself', () => {
    expect(turnLine({ ...local, intent: 'join_waitlist' })).toMatch(/^Join waitlist,/);
    expect(turnLine({ ...local, intent: 'constructor' })).toMatch(/^Constructor,/);
  });
});

describe('what a model took', () => {
  it('is nothing where none was asked', () => {
    expect(modelFacts(local)).toEqual([]);
  });

  it('comes with its cost, marked when estimated', () => {
    expect(modelFacts(byModel)).toEqual([
      { name: 'Model took', value: '812 ms' },
      { name: 'Tokens', value: '1,234 in, 56 out' },
      { name: 'Cost (estimated)', value: '$0.00034' },
    ]);
    expect(modelFacts({ ...byModel, cost_estimated: false }).at(-1)?.name).toBe('Cost');
  });

  it('names a model that was not followed, and leaves out what is not known', () => {
    const facts = modelFacts({ ...local, model: 'litellm:qwen3:8b', model_ms: 8000, model_error: 'timeout' });
    expect(facts).toEqual([
      { name: 'Model asked', value: 'qwen3:8b by LiteLLM' },
      { name: 'Model took', value: '8.0 s' },
    ]);
  });
});

it('keeps a model name it cannot take apart', () => {
  expect(modelName('gpt-5-mini')).toBe('gpt-5-mini');
  expect(modelName('qwen3:8b')).toBe('qwen3:8b');
});

it('tells a model that failed from one that was not asked', () => {
  expect(modelNote(byModel)).toBeNull();
  expect(modelNote({ model: 'openai:gpt-5-mini', model_error: 'timeout' })).toBe(
    'The language model didn’t help. It did not answer in time.',
  );
  expect(modelNote({ model: null, model_error: 'over_budget' })).toBe(
    'No language model was asked. Today’s budget is used up.',
  );
});

it('makes a sentence of a clause', () => {
  expect(explanationSentence('the contact asked for texts')).toBe('The contact asked for texts.');
  expect(explanationSentence('Booked.')).toBe('Booked.');
  expect(explanationSentence(' ')).toBe('');
});

it('puts a code into a sentence and leaves a sentence alone', () => {
  expect(modelErrorSentence('over_budget')).toBe('Today’s budget is used up.');
  expect(modelErrorSentence('odd_thing')).toBe('Odd thing.');
  expect(modelErrorSentence('toString')).toBe('ToString.');
  expect(modelErrorSentence('The key was refused')).toBe('The key was refused');
});

it('writes durations as long as they need to be', () => {
  expect([0, 0.4, 1, 13.6, 999, 1000, 8123, 12_400].map(formatMilliseconds)).toEqual([
    '0 ms',
    'under 1 ms',
    '1 ms',
    '14 ms',
    '999 ms',
    '1.0 s',
    '8.1 s',
    '12 s',
  ]);
});

it('writes money with as many digits as say something', () => {
  expect([0, 0.00034, 0.0081, 0.01, 0.256, 12.5].map(formatUsd)).toEqual([
    '$0.00',
    '$0.00034',
    '$0.0081',
    '$0.01',
    '$0.26',
    '$12.50',
  ]);
  expect(formatUsd(0.0000000004)).toBe('under $0.000001');
});
