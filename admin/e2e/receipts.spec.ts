import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, test } from './support';

// The clock is set in each journey, so that no hour of the real day matters.
const headers = { origin: new URL(serverUrl).origin };

async function put(page: Page, path: string, data: object): Promise<void> {
  const answer = await page.request.put(path, { headers, data });
  expect(answer.ok(), await answer.text()).toBe(true);
}

async function post<Row>(page: Page, path: string, data: object): Promise<Row> {
  const answer = await page.request.post(path, { headers, data });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Row;
}

/** Sets the organization's clock to one of the moments worth a look. */
async function presetClock(page: Page, name: string): Promise<Date> {
  await put(page, '/api/simulator/mode', { simulation: true });
  const clock = (await (await page.request.get('/api/simulator/clock')).json()) as {
    presets: { name: string; at: string }[];
  };
  const at = clock.presets.find((preset) => preset.name === name)?.at;
  if (!at) throw new Error(`no preset ${name}`);
  await put(page, '/api/simulator/clock', { at });
  return new Date(at);
}

/** Somebody in New York, new with each run: where they are says what time it is there. */
const newYorker = () => `+1917555${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}`;

type Text = { contact_id: string; conversation_id: string };

const says = (page: Page, from: string, body: string) => post<Text>(page, '/api/simulator/messages', { from, body });

test.afterEach(async ({ page }) => {
  await put(page, '/api/simulator/mode', { simulation: false });
});

test('a text held at night says why, in the thread and in its receipt', async ({ page }) => {
  const number = newYorker();
  const now = await presetClock(page, 'tonight_quiet');
  const { contact_id, conversation_id } = await says(page, number, 'hello');
  // Nothing is sent to somebody whose text is still unread, which would be one more decision.
  await page.goto(`/admin/conversations?id=${conversation_id}`);
  await expect(page.getByTestId('message-outbound').first()).toBeVisible();
  await post(page, `/api/contacts/${contact_id}/consent`, {
    action: 'granted',
    tier: 'express_written',
    channel: 'simulator',
    method: 'web_form',
    purpose: 'marketing',
    evidence: 'Ticked the box on the sign-up page.',
  });
  const { id } = await post<{ id: string }>(page, '/api/messages', {
    contact_id,
    channel: 'simulator',
    purpose: 'marketing',
    body: 'The winter offer is here.',
    expires_at: new Date(now.getTime() + 7 * 86_400_000).toISOString(),
  });
  const text = page.getByTestId('message-outbound').filter({ hasText: 'The winter offer is here.' });
  const decision = text.getByTestId('decision');
  await expect(decision).toContainText(/will go at/);
  await decision.click();
  const receipt = page.getByRole('dialog');
  await expect(receipt.getByTestId('handover')).toContainText('Held until');
  const rules = receipt.getByRole('list', { name: 'Decisions' });
  await expect(rules.locator('[data-outcome="hold"]').first()).toContainText('Quiet hours, your own:');
  await expect(rules.locator('[data-outcome="send"]').filter({ hasText: 'Consent:' })).toContainText(
    'written consent by web form',
  );
  await expect(receipt).toContainText('by area code');
  await page.keyboard.press('Escape');
  await expect(receipt).toBeHidden();

  // Its time comes: it leaves, and the receipt tells both decisions.
  const held = await page.request.get(`/api/messages/${id}/receipt`);
  const { held_until } = (await held.json()) as { held_until: string };
  await put(page, '/api/simulator/clock', { at: new Date(Date.parse(held_until) + 60_000).toISOString() });
  await expect(text.getByText('Delivered', { exact: true })).toBeVisible({ timeout: 60_000 });
  await text.getByRole('button', { name: 'Why it was sent' }).click();
  await expect(receipt.getByRole('list', { name: 'Decisions' }).locator('> li')).toHaveCount(2);
});

test('a receipt tells of a lost answer, and of a text that is handed over again', async ({ page }) => {
  const number = newYorker();
  await presetClock(page, 'tomorrow_morning');
  const { contact_id, conversation_id } = await says(page, number, 'hello');
  await page.goto(`/admin/conversations?id=${conversation_id}`);
  const texts = page.getByTestId('message-outbound');
  const receipt = page.getByRole('dialog');
  await expect(texts.first().getByText('Delivered', { exact: true })).toBeVisible();
  // For this contact only: what others are sent at that hour must not use the fault up.
  await post(page, '/api/simulator/faults', { kind: 'answer_lost', times: 1, contact_id });
  await says(page, number, 'hello again');
  const second = texts.nth(1);
  await expect(second.getByText('Delivered', { exact: true })).toBeVisible({ timeout: 60_000 });
  await second.getByTestId('decision').click();
  await expect(receipt.getByTestId('handover')).toContainText(
    'It was not known at first whether the provider had taken it; that was found out before anything else.',
  );
  await page.keyboard.press('Escape');

  await post(page, '/api/simulator/faults', {
    kind: 'error_by_report',
    error_code: '30008',
    times: 1,
    contact_id,
  });
  await says(page, number, 'are you there?');
  const third = texts.nth(2);
  await expect(third.getByTestId('decision')).toContainText('Not delivered once, and waits for another try:');
  await put(page, '/api/simulator/clock', { advance_seconds: 6 * 3_600 });
  await expect(third.getByText('Delivered', { exact: true })).toBeVisible({ timeout: 60_000 });
  await third.getByTestId('decision').click();
  await expect(receipt.getByTestId('handover')).toContainText('Handed over again once');
});
