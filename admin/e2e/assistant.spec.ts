import type { Page } from '@playwright/test';
import { expect, test } from './support';

async function addModel(page: Page, provider: string, model: string, key: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a model' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Provider' }).click();
  await page.getByRole('option', { name: provider, exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Model' }).fill(model);
  await dialog.getByLabel('API key').fill(key);
  await dialog.getByRole('button', { name: 'Add model' }).click();
  await expect(dialog).toBeHidden();
}

test('the assistant’s settings are kept', async ({ page }) => {
  await page.goto('/admin/assistant');
  const quiet = page.getByLabel('Keep quiet after a person wrote');
  const budget = page.getByLabel('Daily budget');
  const before = await quiet.inputValue();
  const budgetBefore = await budget.inputValue();
  const after = before === '90' ? '150' : '90';
  const save = page.getByRole('button', { name: 'Save settings' });
  await expect(save).toBeDisabled();

  await quiet.fill('1');
  await save.click();
  await expect(page.getByText('Between 5 and 10080')).toBeVisible();

  await quiet.fill(after);
  await expect(
    page.getByText(after === '90' ? 'That is 1 hour 30 minutes.' : 'That is 2 hours 30 minutes.'),
  ).toBeVisible();
  await budget.fill('0.75');
  await save.click();
  await expect(page.getByText('Settings saved')).toBeVisible();

  await page.reload();
  await expect(quiet).toHaveValue(after);
  await expect(budget).toHaveValue('$0.75');
  await expect(page.getByText('of $0.75 used today')).toBeVisible();

  // As it was, for whoever runs next.
  await quiet.fill(before);
  await budget.fill(budgetBefore.replace('$', ''));
  await save.click();
  await expect(save).toBeDisabled();
});

test('it says plainly that everything works without a model', async ({ page }) => {
  await page.goto('/admin/assistant');
  await expect(page.getByRole('heading', { name: 'Built in, always on' })).toBeVisible();
  await expect(page.getByTestId('assistant-running')).toBeVisible();
});

test('models are added, put in order and removed, and their keys are never shown again', async ({ page }) => {
  const mark = Date.now().toString(36);
  const [first, second] = [`a-${mark}`, `b-${mark}`];
  await page.goto('/admin/assistant');
  await addModel(page, 'OpenAI', first, 'sk-first-secret-1a1a');
  await addModel(page, 'Anthropic', second, 'sk-second-secret-2b2b');
  const ours = page.getByTestId('provider').filter({ hasText: mark });
  await expect(ours.nth(0)).toContainText(`${first}OpenAI · Key …1a1a`);
  await expect(ours.nth(1)).toContainText(`${second}Anthropic · Key …2b2b`);
  const kept = await (await page.request.get('/api/assistant/providers')).text();
  expect(kept).not.toContain('secret');

  await page.getByRole('button', { name: `Ask ${second} earlier` }).click();
  await expect(ours.nth(0)).toContainText(second);
  await page.reload();
  await expect(ours.nth(0)).toContainText(second);

  for (const model of [first, second]) {
    await page.getByRole('button', { name: `Remove ${model}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(ours.filter({ hasText: model })).toBeHidden();
  }
});
