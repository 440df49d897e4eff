import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, newPerson, say, test } from './support';

/** An earlier run that broke off may have left the simulator paused, which would silence every other journey. */
async function resumeAll(page: Page): Promise<void> {
  const response = await page.request.get('/api/senders?limit=200');
  const { items } = (await response.json()) as { items: { id: string; paused_at: string | null }[] };
  const headers = { origin: new URL(serverUrl).origin };
  for (const { id } of items.filter((one) => one.paused_at)) {
    await page.request.post(`/api/senders/${id}/resume`, { headers });
  }
}

test.afterEach(({ page }) => resumeAll(page));

test('a sender is paused with a reason, what is queued waits, and leaves when it is resumed', async ({ page }) => {
  await resumeAll(page);
  await page.goto('/admin/senders');
  const row = page.getByTestId('sender').filter({ hasText: 'Only in this dashboard' });
  await expect(row.getByTestId('sender-health')).toContainText(/sent|Nothing sent lately/);
  await row.getByRole('button', { name: /^Pause/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Pause sender' }).click();
  await expect(dialog.getByText('Say why, for your colleagues')).toBeVisible();
  await dialog.getByLabel('Reason').fill('The carrier asks us to wait.');
  await dialog.getByRole('button', { name: 'Pause sender' }).click();
  await expect(row.getByTestId('paused-note')).toContainText('The carrier asks us to wait.');
  await expect(page.getByTestId('badge-paused')).toHaveText('1, 1 paused');

  // Somebody writes meanwhile: they are heard, and the answer waits.
  await newPerson(page);
  await say(page, 'book tuesday at 10 am');
  const thread = page.getByTestId('phone-thread');
  await expect(thread.getByTestId('message-inbound').first()).toBeVisible();
  await expect(thread.locator('[data-status="queued"]').first()).toBeVisible();
  for (const path of ['/admin/', '/admin/conversations']) {
    await page.goto(path);
    await expect(page.getByTestId('paused-senders')).toContainText('Texts from it wait');
  }
  await page.goto('/admin/');
  await page.getByTestId('paused-senders').getByRole('link', { name: 'See why' }).click();
  await page.getByTestId('sender').filter({ hasText: 'Only in this dashboard' }).getByRole('link').click();
  await expect(page.getByTestId('paused-note')).toContainText(/One text waits|texts wait/);
  await page.getByRole('button', { name: /^Resume/ }).click();
  await expect(page.getByTestId('paused-note')).toBeHidden();
  await expect(page.getByTestId('sender-health')).toContainText(/[1-9]\d* texts? sent/, { timeout: 30_000 });
});

test('how fast a sender may send is set, and checked', async ({ page }) => {
  const name = `Line ${Date.now()}`;
  const number = `+1415555${String(1000 + Math.floor(Math.random() * 8999))}`;
  await page.goto('/admin/senders');
  await page.getByRole('button', { name: 'New sender' }).click();
  const dialog = page.getByRole('dialog', { name: 'New sender' });
  await dialog.getByLabel('Number').fill(number);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Segments a second').fill('3000');
  await dialog.getByRole('button', { name: 'Add sender' }).click();
  await expect(dialog.getByText('From 0.01 to 2,000')).toBeVisible();
  await dialog.getByLabel('Segments a second').fill('12');
  await dialog.getByLabel('Segments a day').fill('2000');
  await dialog.getByRole('button', { name: 'Add sender' }).click();
  const row = page.getByTestId('sender').filter({ hasText: name });
  await expect(row).toContainText('12 segments a second');
  await expect(row).toContainText('Area code 415, US');
  await row.getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByText('2,000 segments')).toBeVisible();
  await expect(page.getByText('Nothing was sent in the last 24 hours.')).toBeVisible();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('dialog').getByLabel('Segments a second').fill('');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('3.75 segments a second (usual)')).toBeVisible({ timeout: 30_000 });
  await page.goto('/admin/senders');
  await row.getByRole('button', { name: `Remove ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toBeHidden();
});

test('a sender is given a Twilio account of its own, whose secrets are never shown again', async ({ page }) => {
  const name = `Subaccount ${Date.now()}`;
  const made = await page.request.post('/api/senders', {
    headers: { origin: new URL(serverUrl).origin },
    data: { channel: 'sms', address: `+1628555${String(1000 + Math.floor(Math.random() * 8999))}`, display_name: name },
  });
  expect(made.status()).toBe(201);
  const { id } = (await made.json()) as { id: string };
  await page.goto(`/admin/senders/${id}`);
  const card = page.getByTestId('account-card');
  await expect(card).toContainText('It belongs to the installation’s account.');

  await card.getByRole('button', { name: 'Use another account' }).click();
  const form = page.getByRole('dialog', { name: 'Use another Twilio account' });
  await form.getByLabel('Account SID').fill('AC12');
  await form.getByLabel('API key SID').fill(`SK${'1'.repeat(32)}`);
  await form.getByRole('button', { name: 'Save account' }).click();
  await expect(form.getByText('AC and 32 hexadecimal digits')).toBeVisible();
  await expect(form.getByText('Enter the account’s auth token')).toBeVisible();
  await expect(form.getByText('Goes with the key')).toBeVisible();
  await form.getByLabel('Account SID').fill(`AC${'a'.repeat(32)}`);
  await form.getByRole('textbox', { name: 'Auth token', exact: true }).fill('first-token');
  await form.getByLabel('API key SID').fill('');
  await form.getByRole('button', { name: 'Save account' }).click();
  const account = card.getByTestId('sender-account');
  await expect(account).toContainText(`AC${'a'.repeat(32)}`);
  await expect(account).toContainText('Webhooks are signed withThe auth token');

  // Tokens are exchanged, and requests made with a key from now on.
  await card.getByRole('button', { name: 'Replace' }).click();
  const again = page.getByRole('dialog', { name: 'Replace the account' });
  await expect(again.getByLabel('Account SID')).toHaveValue(`AC${'a'.repeat(32)}`);
  await expect(again.getByRole('textbox', { name: 'Auth token', exact: true })).toHaveValue('');
  await again.getByRole('textbox', { name: 'Auth token', exact: true }).fill('first-token');
  await again.getByRole('textbox', { name: 'Second auth token' }).fill('second-token');
  await again.getByLabel('API key SID').fill(`SK${'1'.repeat(32)}`);
  await again.getByRole('textbox', { name: 'API key secret' }).fill('key-secret');
  await again.getByRole('button', { name: 'Replace account' }).click();
  await expect(account).toContainText('One of two auth tokens');
  await expect(account).toContainText(`API key SK${'1'.repeat(32)}`);
  await expect(page.getByText(/first-token|second-token|key-secret/)).toHaveCount(0);

  await card.getByRole('button', { name: 'Remove the account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
  await expect(card).toContainText('It belongs to the installation’s account.');
  await page.goto('/admin/senders');
  const row = page.getByTestId('sender').filter({ hasText: name });
  await row.getByRole('button', { name: `Remove ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toBeHidden();
});
