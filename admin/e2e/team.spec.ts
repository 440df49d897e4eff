import { expect, test } from './support';

test('the assistant answers a colleague, who edits and takes back what they wrote', async ({ page }) => {
  await page.goto('/admin/team');
  await page.getByTestId('team-person').filter({ hasText: 'Assistant' }).click();
  const box = page.getByRole('textbox', { name: 'Write to Assistant' });
  const asked = `who is coming tomorrow? (${Date.now().toString(36)})`;
  await box.fill(asked);
  await box.press('Enter');
  const mine = page.getByTestId('team-message').filter({ hasText: asked });
  await expect(mine).toBeVisible();
  await expect(box).toHaveValue('');
  // The answer comes by itself, and is read because it is on screen.
  await expect(page.getByTestId('team-message').last()).toContainText(/appointment/i);
  await expect(page.getByTestId('badge-team')).toHaveCount(0);

  await mine.getByRole('button', { name: 'More about your message' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await box.fill(`${asked} please`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByTestId('team-message').filter({ hasText: `${asked} please` })).toContainText('edited');

  await mine.getByRole('button', { name: 'More about your message' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText(asked)).toHaveCount(0);
  await expect(page.getByText('Deleted message').last()).toBeVisible();
});
