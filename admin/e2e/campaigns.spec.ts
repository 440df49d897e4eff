import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, newPerson, say, test } from './support';

const headers = { origin: new URL(serverUrl).origin };

async function post(page: Page, path: string, data: object = {}): Promise<{ id: string }> {
  const answer = await page.request.post(path, { headers, data });
  expect(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return (await answer.json()) as { id: string };
}

async function contactOf(page: Page, number: string): Promise<string> {
  const found = await page.request.get(`/api/contacts?q=${encodeURIComponent(number)}`);
  const { items } = (await found.json()) as { items: { id: string }[] };
  return items[0]?.id ?? '';
}

/** Somebody who wrote, and agreed to notices. */
async function somebody(page: Page): Promise<string> {
  const number = await newPerson(page);
  await say(page, 'hello');
  await expect(page.getByTestId('message-outbound').first()).toBeVisible();
  const id = await contactOf(page, number);
  const agreed = { action: 'granted', tier: 'express', channel: 'simulator', method: 'verbal', evidence: 'Said so' };
  await post(page, `/api/contacts/${id}/consent`, { ...agreed, purpose: 'transactional' });
  return number;
}

const template = (page: Page, name: string, body: string) =>
  post(page, '/api/templates', { name, purpose: 'transactional', variants: [{ body }] });

const to = (numbers: string[]) => ({ filter: { field: 'phone_number', op: 'is', value: numbers } });

test('a campaign is written, tried, started and completed, and its text stands in the conversation', async ({
  page,
}) => {
  const mark = Date.now().toString(36);
  const number = await somebody(page);
  const { id } = await template(page, `Ready ${mark}`, `Your glasses are ready. Ask for ${mark}.`);

  await page.goto('/admin/campaigns');
  await page.getByRole('link', { name: 'New campaign' }).click();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByText('Give it a name.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill(`Glasses ${mark}`);
  await page.getByText('A list', { exact: true }).click();
  const list = page.getByRole('textbox', { name: 'Numbers or ids' });
  await list.fill(`${number}\nnobody`);
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByText('Neither a number nor an id: “nobody”.')).toBeVisible();
  await list.fill(number);
  await expect(page.getByTestId('audience-count')).toContainText('1 contact now');
  await page.getByRole('combobox', { name: 'Text 1: template' }).fill(mark);
  await page.getByRole('option', { name: `Ready ${mark} (transactional)` }).click();
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByTestId('campaign-state')).toHaveText('Draft');

  await page.getByRole('button', { name: 'Dry run' }).click();
  await expect(page.getByTestId('dry-run-sentence')).toContainText('1 now, 0 later, 0 never; 1 segments');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('1 now, 0 later, 0 never');
  await dialog.getByRole('button', { name: 'Start it' }).click();

  await expect(page.getByTestId('campaign-state')).toHaveText('Completed');
  await expect(page.getByTestId('books-audience')).toHaveText('1');
  await expect(page.getByTestId('part-delivered')).toHaveText('Delivered 1');
  await expect(page.getByTestId('done')).toContainText('100% done');
  const target = page.getByTestId('target');
  await expect(target).toHaveAttribute('data-state', 'sent');
  await target.getByRole('link', { name: /^Conversation with/ }).click();
  await page.getByTestId('conversation-row').first().click();
  const thread = page.getByRole('region', { name: 'Messages' });
  await expect(thread.getByText(`Your glasses are ready. Ask for ${mark}.`)).toBeVisible();

  // What they do about it is counted.
  await page.goto(`/admin/simulator?from=${encodeURIComponent(number)}`);
  await say(page, 'thank you!');
  await expect(page.getByTestId('message-inbound').filter({ hasText: 'thank you!' })).toBeVisible();
  await page.goto(`/admin/campaigns?q=${mark}`);
  await page.getByRole('link', { name: `Glasses ${mark}` }).click();
  await expect(page.getByTestId('deed-Replied')).toHaveText('1100%');
  await post(page, `/api/templates/${id}/archive`);
});

test('a campaign is paused, resumed and cancelled, and everybody stays accounted for', async ({ page }) => {
  const mark = Date.now().toString(36);
  const numbers = [await somebody(page), await somebody(page), await somebody(page)];
  const first = await template(page, `Slow ${mark}`, `Please call us about your glasses, ${mark}.`);
  // One a minute: the others wait meanwhile.
  const { id } = await post(page, '/api/campaigns', {
    name: `Slow ${mark}`,
    audience: to(numbers),
    steps: [{ template_id: first.id }],
    max_per_minute: 1,
  });
  await post(page, `/api/campaigns/${id}/start`);
  await page.goto(`/admin/campaigns/${id}`);
  const state = page.getByTestId('campaign-state');
  await expect(state).toHaveText('Running');
  await expect(page.getByTestId('books-Texted')).toHaveText('1');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(state).toHaveText('Paused');
  await expect(page.getByTestId('books-Waiting for')).toHaveText('2');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(state).toHaveText('Running');

  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the campaign' }).click();
  await expect(state).toHaveText('Cancelled');
  await expect(page.getByTestId('books-Not texted')).toHaveText('2');
  await expect(page.getByTestId('books-audience')).toHaveText('3');
  await page.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: 'the campaign was cancelled' }).click();
  await expect(page.getByTestId('target')).toHaveCount(2);

  await page.getByRole('button', { name: 'Duplicate' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Slow ${mark} (copy)` })).toBeVisible();
  await expect(state).toHaveText('Draft');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Campaigns' })).toBeVisible();
  await post(page, `/api/templates/${first.id}/archive`);
});

test('a segment is tested on somebody, tried in two variants, and the rest waits for the better one', async ({
  page,
}) => {
  const mark = `v${Date.now().toString(36)}`;
  const numbers = [await somebody(page), await somebody(page)];
  for (const number of numbers) {
    const id = await contactOf(page, number);
    const tagged = await page.request.patch(`/api/contacts/${id}`, { headers, data: { tags: [mark] } });
    expect(tagged.ok()).toBe(true);
  }
  const filter = { field: 'tags', op: 'has_any', value: [mark] };
  await post(page, '/api/segments', { name: `Glasses ${mark}`, filter });
  const variants = [{ body: `Your glasses are ready, ${mark}.` }, { body: `Come and fetch your glasses, ${mark}.` }];
  const both = await post(page, '/api/templates', { name: `Both ${mark}`, purpose: 'transactional', variants });

  await page.goto('/admin/campaigns/new');
  await page.getByRole('textbox', { name: 'Name' }).fill(`Variants ${mark}`);
  await page.getByText('A segment', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Segment' }).fill(mark);
  await page.getByRole('option', { name: `Glasses ${mark}` }).click();
  await expect(page.getByTestId('audience-count')).toContainText('2 contacts now');
  await expect(page.getByText('Where the first template has two variants')).toBeVisible();
  await page.getByRole('combobox', { name: 'Text 1: template' }).fill(mark);
  await page.getByRole('option', { name: `Both ${mark} (transactional)` }).click();
  await page.getByRole('switch', { name: 'Find the better variant first' }).check();
  await page.getByRole('textbox', { name: 'Tried on' }).fill('1');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page.getByTestId('campaign-state')).toHaveText('Draft');
  await expect(page.getByRole('textbox', { name: 'Tried on' })).toHaveValue('1 %');

  await page.getByRole('button', { name: 'Send a test' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Contact' }).fill(numbers[0] ?? '');
  await page.getByRole('option').first().click();
  await dialog.getByRole('button', { name: 'Send it' }).click();
  await expect(dialog.getByText('Sent', { exact: true })).toBeVisible();
  await expect(dialog.getByText(mark)).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start it' }).click();
  await expect(page.getByTestId('campaign-state')).toHaveText('Running');
  await expect(page.getByText(/^Tried on 1% of the audience; 4 hours after the beginning/)).toBeVisible();
  await expect(page.getByTestId('books-audience')).toHaveText('2');
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the campaign' }).click();
  await expect(page.getByTestId('campaign-state')).toHaveText('Cancelled');
  await expect(page.getByText(`for segment “Glasses ${mark}”`)).toBeVisible();
  await post(page, `/api/templates/${both.id}/archive`);
});

test('a campaign with more than one text, changed by somebody else meanwhile, on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const mark = Date.now().toString(36);
  const one = await template(page, `One ${mark}`, 'Your glasses are ready.');
  const two = await template(page, `Two ${mark}`, 'Your glasses are still here.');
  const { id } = await post(page, '/api/campaigns', { name: `Two texts ${mark}`, steps: [{ template_id: one.id }] });
  await page.goto(`/admin/campaigns/${id}`);
  await page.getByRole('button', { name: 'Add a text' }).click();
  await page.getByRole('combobox', { name: 'Text 2: template' }).fill(mark);
  await page.getByRole('option', { name: `Two ${mark} (transactional)` }).click();
  await page.getByRole('button', { name: 'Move text 2 up' }).click();
  await expect(page.getByRole('combobox', { name: 'Text 1: template' })).toHaveValue(`Two ${mark} (transactional)`);
  await page.getByText('At a time', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Begins' }).fill('2027-03-01T09:00');

  const changed = await page.request.patch(`/api/campaigns/${id}`, { headers, data: { name: `Theirs ${mark}` } });
  expect(changed.ok()).toBe(true);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByTestId('conflict')).toBeVisible();
  await page.getByRole('button', { name: 'Load again' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue(`Theirs ${mark}`);

  // Nobody is chosen: what is missing is said before anything leaves.
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByText('say whom it is for').first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
  expect((await page.request.delete(`/api/campaigns/${id}`, { headers })).ok()).toBe(true);
  for (const row of [one, two]) await post(page, `/api/templates/${row.id}/archive`);
});

test('a campaign that is not there says so', async ({ page }) => {
  await page.goto('/admin/campaigns/0195f2c4-0000-7000-8000-000000000001');
  await expect(page.getByText(/No such campaign|not found|no such/i)).toBeVisible();
  await expect(page.getByRole('link', { name: '‹ Campaigns' })).toBeVisible();
});
