import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, test } from './support';

// An organization of its own with a WhatsApp sender: the one of the other journeys keeps to the simulator. The sender is paused, so nothing
// leaves for the real Twilio.
const origin = new URL(serverUrl).origin;
const unique = Date.now();
const ADDRESS = `+1650555${String(unique % 10_000).padStart(4, '0')}`;
const ACCOUNT = `AC${unique.toString(16).padStart(32, '0')}`;
const TOKEN = 'the-token-of-its-own-account';

type Row = { id: string };

async function inOrganization(page: Page, id: string) {
  await page.setExtraHTTPHeaders({ 'X-Organization-ID': id });
  return async <Answer = Row>(method: 'POST' | 'PUT', path: string, data: object): Promise<Answer> => {
    const headers = { origin, 'X-Organization-ID': id };
    const answer = await page.request.fetch(path, { method, headers, data });
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
    return (await answer.json()) as Answer;
  };
}

/** A text by WhatsApp as Twilio hands it over, signed with the token of the sender's account. */
async function hear(page: Page, from: string, body: string): Promise<void> {
  const form: Record<string, string> = {
    AccountSid: ACCOUNT,
    Body: body,
    From: `whatsapp:${from}`,
    MessageSid: `SM${(Date.now() * 1000 + Math.floor(Math.random() * 1000)).toString(16).padStart(32, '0')}`,
    NumMedia: '0',
    ProfileName: 'Ana',
    To: `whatsapp:${ADDRESS}`,
  };
  const url = `${origin}/webhooks/sms/inbound`;
  const signed = Object.keys(form)
    .sort()
    .map((name) => name + form[name]);
  const signature = createHmac('sha1', TOKEN)
    .update(url + signed.join(''))
    .digest('base64');
  const answer = await page.request.post(url, { form, headers: { 'X-Twilio-Signature': signature } });
  expect(answer.status(), await answer.text()).toBe(200);
}

test('who wrote is sent free text, who did not only a template', async ({ page }) => {
  const organization = await page.request.post('/api/organizations', {
    headers: { origin },
    data: { name: `WhatsApp ${unique}`, timezone: 'America/New_York' },
  });
  expect(organization.status(), await organization.text()).toBe(201);
  const send = await inOrganization(page, ((await organization.json()) as Row).id);
  const sender = await send('POST', '/api/senders', {
    channel: 'whatsapp',
    address: ADDRESS,
    display_name: 'WhatsApp line',
  });
  await send('PUT', `/api/senders/${sender.id}/credentials`, { account_sid: ACCOUNT, auth_token: TOKEN });
  await send('POST', `/api/senders/${sender.id}/pause`, { reason: 'Nothing leaves from a journey.' });
  const template = await send('POST', '/api/whatsapp-templates', {
    name: 'Reminder',
    content_sid: `HX${unique.toString(16).padStart(32, '0')}`,
    language: 'en',
    category: 'utility',
    approval: 'approved',
    body: 'Hi {{1}}, see you on {{2}}. Reply C to confirm.',
  });

  // Somebody writes: free text goes for a day.
  await hear(page, '+14155550142', 'hello');
  await page.goto('/admin/conversations');
  await page.getByTestId('conversation-row').filter({ hasText: '+1 415 555 0142' }).click();
  await expect(page.getByTestId('window-open')).toContainText('WhatsApp takes free text until');
  const composer = page.getByTestId('composer');
  await composer.fill('It’s ready.');
  // By WhatsApp no character makes a text dear, but the answers are lost all the same.
  await composer.fill('It’s ready. Reply YES to confirm.');
  await expect(page.getByTestId('text-keyword')).toBeVisible();
  await expect(page.getByTestId('text-culprit')).toBeHidden();
  await composer.fill('It’s ready. Come by when you like.');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const thread = page.getByRole('region', { name: 'Messages' });
  await expect(thread.getByTestId('message-outbound').filter({ hasText: 'Come by when you like.' })).toBeVisible();

  // Somebody who agreed and never wrote is sent a template, filled in.
  const contact = await send('POST', '/api/contacts', { phone_number: '+13055550142', first_name: 'Wanda' });
  await send('POST', `/api/contacts/${contact.id}/consent`, {
    action: 'granted',
    tier: 'express',
    channel: 'whatsapp',
    method: 'paper',
    evidence: 'Form 3, folder 12.',
  });
  const first = await send<{ conversation_id: string }>('POST', '/api/messages', {
    contact_id: contact.id,
    sender_id: sender.id,
    template: { id: template.id, variables: { 1: 'Wanda', 2: 'Friday' } },
  });
  await page.goto(`/admin/conversations?id=${first.conversation_id}`);
  await expect(page.getByTestId('window-closed')).toContainText('only approved templates');
  await expect(composer).toBeHidden();
  const form = page.getByTestId('template-composer');
  await form.getByRole('combobox', { name: 'Template' }).click();
  await page.getByRole('option', { name: 'Reminder (en)' }).click();
  const submit = form.getByRole('button', { name: 'Send template' });
  await form.getByLabel('{{1}}').fill('Wanda');
  await expect(submit).toBeDisabled();
  await expect(form.getByTestId('template-preview')).toHaveText('Hi Wanda, see you on {{2}}. Reply C to confirm.');
  await form.getByLabel('{{2}}').fill('Monday at 3 PM');
  await submit.click();
  const sent = thread.getByTestId('message-outbound').filter({ hasText: 'see you on Monday at 3 PM' });
  await expect(sent.getByText('Template', { exact: true })).toBeVisible();
});
