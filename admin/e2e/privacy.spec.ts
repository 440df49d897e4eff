import { readFileSync } from 'node:fs';
import { expect, newPerson, say, shownNumber, test } from './support';

test('somebody takes their data along, and is forgotten', async ({ page }) => {
  const number = await newPerson(page);
  await say(page, 'stop texting me please');
  await expect(page.getByTestId('phone-thread').getByTestId('message-outbound').first()).toBeVisible();
  await page.goto(`/admin/contacts?q=${encodeURIComponent(number)}`);
  await page.getByRole('list', { name: 'Contacts' }).getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 2, name: 'Privacy' })).toBeVisible();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^contact-.+\.zip$/);
  const bytes = readFileSync(await download.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  for (const name of ['contact.json', 'messages.csv', 'README.txt']) expect(bytes.includes(name)).toBe(true);

  await page.getByRole('button', { name: 'Erase…' }).click();
  const dialog = page.getByRole('dialog');
  const erase = dialog.getByRole('button', { name: 'Erase for good' });
  await expect(erase).toBeDisabled();
  await dialog.getByLabel(/^Type /).fill('+1 415 555 9999');
  await expect(erase).toBeDisabled();
  await dialog.getByLabel(/^Type /).fill(shownNumber(number));
  await erase.click();
  await expect(page.getByText('Their opt-out is remembered without their number.')).toBeVisible();
  await page.goto(`/admin/contacts?q=${encodeURIComponent(number)}`);
  await expect(page.getByText(/Nobody matches/)).toBeVisible();

  // They write again: somebody new, who is still not texted.
  await page.goto(`/admin/simulator?from=${encodeURIComponent(number)}`);
  await say(page, 'hello');
  await expect(page.getByTestId('phone-thread').getByTestId('message-inbound').first()).toBeVisible();
  await page.goto(`/admin/contacts?q=${encodeURIComponent(number)}`);
  await expect(page.getByRole('list', { name: 'Contacts' })).toContainText('Opted out');
});

test('how long texts are kept is set with a warning', async ({ page }) => {
  await page.goto('/admin/privacy');
  const texts = page.getByLabel('Texts');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  // An earlier run may have left a term.
  if ((await texts.inputValue()) !== '') {
    await texts.fill('');
    await save.click();
    await expect(save).toBeDisabled();
  }
  await texts.fill('12');
  await save.click();
  await expect(page.getByText('From 30 to 3650 days, or empty for ever')).toBeVisible();
  await texts.fill('3000');
  await expect(page.getByText('Deleted after about 8.2 years.')).toBeVisible();
  await save.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save and delete' }).click();
  await expect(page.getByText('Retention saved')).toBeVisible();
  await page.reload();
  await expect(texts).toHaveValue('3000 days');
  // Longer asks nothing.
  await texts.fill('');
  await save.click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(save).toBeDisabled();
});
