import { expect, test } from './support';

test('the assistant’s settings are kept', async ({ page }) => {
  await page.goto('/admin/assistant');
  const quiet = page.getByLabel('Keep quiet after a person wrote');
  const before = await quiet.inputValue();
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
  await page.getByLabel('Daily budget').fill('0.75');
  await save.click();
  await expect(page.getByText('Settings saved')).toBeVisible();

  await page.reload();
  await expect(quiet).toHaveValue(after);
  await expect(page.getByLabel('Daily budget')).toHaveValue('$0.75');
  await expect(page.getByText('of $0.75 used today')).toBeVisible();

  // As it was, for whoever runs next.
  await quiet.fill(before);
  await save.click();
  await expect(save).toBeDisabled();
});

test('it says plainly that everything works without a model', async ({ page }) => {
  await page.goto('/admin/assistant');
  await expect(page.getByRole('heading', { name: 'Built in, always on' })).toBeVisible();
  await expect(page.getByTestId('assistant-running')).toBeVisible();
});
