import { describe, expect, it } from 'vitest';
import { filledTemplate, takesFreeText, templateVariables } from './templates';

describe('a template', () => {
  const body = 'Hi {{1}}, your {{service}} is on {{2}}. See you, {{1}}! {{ 3 }}';

  it('names each variable once', () => {
    expect(templateVariables(body)).toEqual(['1', 'service', '2']);
    expect(templateVariables('Hello')).toEqual([]);
  });

  it('is shown with what is known so far', () => {
    expect(filledTemplate(body, { 1: 'Ana', 2: ' ' })).toBe(
      'Hi Ana, your {{service}} is on {{2}}. See you, Ana! {{ 3 }}',
    );
  });
});

it('takes free text by WhatsApp only while the window is open', () => {
  const now = Date.parse('2026-11-21T15:00:00Z');
  expect(takesFreeText({ channel: 'sms', window_until: null }, now)).toBe(true);
  expect(takesFreeText({ channel: 'whatsapp', window_until: '2026-11-21T15:00:01Z' }, now)).toBe(true);
  expect(takesFreeText({ channel: 'whatsapp', window_until: '2026-11-21T15:00:00Z' }, now)).toBe(false);
  expect(takesFreeText({ channel: 'whatsapp', window_until: null }, now)).toBe(false);
});
