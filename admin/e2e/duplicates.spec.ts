import { serverUrl } from './server';
import { expect, shownNumber, test } from './support';

test('two contacts who are one person become one, with both numbers', async ({ page }) => {
  const end = String(Date.now() % 10_000).padStart(4, '0');
  const [kept, other] = [`+1212556${end}`, `+1212557${end}`] as const;
  const headers = { origin: new URL(serverUrl).origin };
  const last = `Twin${end}`;
  for (const [phone_number, more] of [
    [kept, { tags: ['vip'] }],
    [other, { tags: ['dog'], notes: 'Has a dog.' }],
  ] as const) {
    const made = await page.request.post('/api/contacts', {
      headers,
      data: { phone_number, first_name: 'Zoé', last_name: last, postal_code: '10001', ...more },
    });
    expect(made.status()).toBe(201);
  }
  const said = await page.request.post('/api/simulator/messages', {
    headers,
    data: { from: other, body: 'hello from my other phone' },
  });
  expect(said.ok()).toBe(true);

  await page.goto('/admin/contacts');
  await page.getByRole('link', { name: 'Duplicates' }).click();
  const pair = page.getByTestId('duplicate').filter({ hasText: last });
  await expect(pair).toContainText(`Both are called Zoé ${last} and live in 10001.`);
  await pair.getByRole('button', { name: /^Merge/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Make one contact of these two?' });
  // Who texted is proposed; staff knows better.
  await expect(dialog.getByTestId('keep').nth(0)).toBeChecked();
  await dialog.getByTestId('keep').nth(1).check();
  await dialog.getByRole('button', { name: 'Merge' }).click();
  await expect(dialog).toBeHidden();
  await expect(pair).toBeHidden();

  await page.goto(`/admin/contacts?q=${last}`);
  await page.getByRole('link', { name: `Zoé ${last}` }).click();
  await expect(page.getByText('Has a dog.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Contacts with the tag dog' })).toBeVisible();
  await expect(page.getByTestId('message-inbound')).toContainText('hello from my other phone');
  await page
    .getByTestId('other-number')
    .getByRole('link', { name: shownNumber(other) })
    .click();
  await expect(page.getByText('This is another number of')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Edit' })).toBeHidden();
});
