import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, newPerson, say, test } from './support';

/** An earlier run that broke off may have left its entry, which would answer in place of this one's. */
async function removeLeftovers(page: Page): Promise<void> {
  const response = await page.request.get('/api/knowledge?limit=200');
  const { items } = (await response.json()) as { items: { id: string; title: string }[] };
  for (const { id } of items.filter((e) => /^Parking [a-z0-9]{8}$/.test(e.title))) {
    await page.request.delete(`/api/knowledge/${id}`, { headers: { origin: new URL(serverUrl).origin } });
  }
}

test('what is written under Knowledge is what a contact gets', async ({ page }) => {
  const mark = Date.now().toString(36);
  const title = `Parking ${mark}`;
  const answer = `You can park behind the building, free for two hours (${mark}).`;

  await removeLeftovers(page);
  await page.goto('/admin/knowledge');
  await page.getByRole('link', { name: 'New entry' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('combobox', { name: 'Topic' }).click();
  await page.getByRole('option', { name: /^Parking/ }).click();
  await drawer.getByLabel('Title').fill(title);
  await drawer.getByLabel('Answer in English').fill('You can park [somewhere].');
  await drawer.getByRole('button', { name: 'Add entry' }).click();
  await expect(drawer.getByText('Fill in what stands in brackets')).toBeVisible();
  await drawer.getByLabel('Answer in English').fill(answer);
  await expect(drawer.getByText(`${answer.length} / 480 characters, 1 SMS`)).toBeVisible();
  await drawer.getByRole('button', { name: 'Add entry' }).click();
  await expect(drawer).toBeHidden();
  const entry = page.getByTestId('knowledge-entry').filter({ hasText: title });
  await expect(entry).toContainText(answer);

  await page.getByLabel('Question').fill('is there parking?');
  await page.getByRole('button', { name: 'See what would be answered' }).click();
  await expect(page.getByTestId('match-verdict')).toHaveText(`“${title}” would answer`);

  await newPerson(page);
  await say(page, 'is there parking?');
  await expect(page.getByTestId('phone-thread').getByTestId('message-outbound').last()).toContainText(answer);
  await expect(page.getByTestId('last-turn')).toContainText('General questions');

  // Switched off it answers nobody; deleted it is gone.
  await page.goto('/admin/knowledge');
  await entry.getByRole('switch').press('Space');
  await expect(entry).not.toHaveAttribute('data-active');
  await page.getByLabel('Question').fill('is there parking?');
  await page.getByRole('button', { name: 'See what would be answered' }).click();
  await expect(page.getByTestId('match-verdict')).not.toContainText(title);
  await entry.getByRole('button', { name: `Delete “${title}”` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(entry).toBeHidden();
});
