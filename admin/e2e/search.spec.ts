import { expect, test } from './support';

test('Ctrl+K leads to a page by its name', async ({ page }) => {
  await page.goto('/admin/');
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Go to a page').fill('appoint');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Appointments' })).toBeVisible();
});
