import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, test } from './support';

const headers = { origin: new URL(serverUrl).origin };

/** Somebody with a tag that no other run has. */
async function tagged(page: Page, tag: string, language: 'en' | 'es'): Promise<void> {
  const phone_number = `+1628555${String(1000 + Math.floor(Math.random() * 8999))}`;
  const data = { phone_number, first_name: language === 'es' ? 'Luz' : 'Kim', tags: [tag], language };
  const made = await page.request.post('/api/contacts', { headers, data });
  expect(made.status()).toBe(201);
}

test('a segment is written while it is counted, nested, saved, seen in the contacts and deleted', async ({ page }) => {
  const tag = `e2e-${Date.now().toString(36)}`;
  await tagged(page, tag, 'es');
  await tagged(page, tag, 'en');
  await page.goto('/admin/segments');
  await page.getByRole('link', { name: 'New segment' }).click();
  const drawer = page.getByRole('dialog');
  const count = drawer.getByTestId('segment-count');
  await expect(count).toContainText(/\d+ contacts?/);
  await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill(`Tagged ${tag}`);
  await drawer.getByRole('button', { name: 'Add a condition' }).click();
  await expect(count).toContainText('Finish the conditions');
  await expect(drawer.getByRole('button', { name: 'Add segment' })).toBeDisabled();
  const first = drawer.getByTestId('condition').first();
  await first.getByRole('combobox', { name: 'Value' }).fill(tag);
  await first.getByRole('combobox', { name: 'Value' }).press('Enter');
  await expect(count).toContainText('2 contacts');
  await expect(count.getByRole('list', { name: 'Some of them' }).getByRole('listitem')).toHaveCount(2);

  // A group within: nobody of Spanish.
  await drawer.getByRole('button', { name: 'Add a group' }).click();
  const group = drawer.getByTestId('group');
  await group.getByRole('combobox', { name: 'How the conditions of this group go together' }).click();
  await page.getByRole('option', { name: 'none of these holds' }).click();
  await group.getByRole('combobox', { name: 'Field' }).click();
  await page.getByRole('option', { name: 'Language' }).click();
  await group.getByRole('combobox', { name: 'Value' }).click();
  await page.getByRole('option', { name: 'Spanish' }).click();
  await expect(count).toContainText('1 contact');
  await drawer.getByRole('button', { name: 'Add segment' }).click();
  await expect(drawer).toBeHidden();

  const row = page.getByTestId('segment').filter({ hasText: tag });
  await expect(row).toContainText(`Tags has any of ${tag} · not (Language is Spanish)`);
  await row.getByRole('link', { name: 'Who is in it' }).click();
  const people = page.getByRole('list', { name: 'Contacts' }).getByRole('listitem');
  await expect(people).toHaveCount(1);
  await expect(people).toContainText('Kim');
  await expect(page.getByRole('link', { name: 'Export' })).toHaveAttribute('href', /segment=/);

  // Opened again it is as it was written.
  await page.goBack();
  await page.getByRole('link', { name: `Tagged ${tag}` }).click();
  await expect(page.getByRole('dialog').getByTestId('condition')).toHaveCount(2);
  await page.getByRole('dialog').getByRole('button', { name: 'Remove the group' }).click();
  await expect(page.getByRole('dialog').getByTestId('segment-count')).toContainText('2 contacts');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await row.getByRole('button', { name: `More for “Tagged ${tag}”` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(row).toHaveCount(0);
});
