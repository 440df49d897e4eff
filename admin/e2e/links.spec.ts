import { expect, test } from './support';

test('links are turned on, made, followed by a person and a program, and counted', async ({ page, request }) => {
  await page.goto('/admin/links');
  const on = page.getByRole('switch', { name: /Shorten links/ });
  await expect(on).toBeVisible();
  if (!(await on.isChecked())) await on.click();
  await page.getByRole('textbox', { name: 'Your own domain' }).fill('go.example.com/somewhere');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('must be https:// and a domain')).toBeVisible();
  await page.getByRole('textbox', { name: 'Your own domain' }).fill(`go${Date.now()}.example.com`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Your own domain' })).toHaveValue(/^https:\/\/go\d+\.example\.com$/);

  const target = `https://example.com/${Date.now().toString(36)}`;
  await page.getByRole('button', { name: 'New link' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Where it leads' }).fill('example.com');
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await expect(dialog.getByText('Begin with https://')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Where it leads' }).fill(target);
  await dialog.getByRole('button', { name: 'Make it' }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByTestId('link').filter({ hasText: target });
  await expect(row).toContainText('0 clicks');

  const code = (await row.locator('code').innerText()).split('/l/')[1];
  const previewed = await request.get(`/l/${code}`, { maxRedirects: 0, headers: { 'user-agent': 'WhatsApp/2.23' } });
  expect([previewed.status(), previewed.headers().location]).toEqual([302, target]);
  // Faster than anybody reads would be a program too.
  await expect
    .poll(
      async () => {
        const headers = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Safari/604.1' };
        await request.get(`/l/${code}`, { maxRedirects: 0, headers });
        await page.reload();
        return row.innerText();
      },
      { intervals: [2500], timeout: 15_000 },
    )
    .toContain('1 click');
  await expect(row).toContainText('1 by programs');
  expect((await request.get('/l/0000000000', { maxRedirects: 0 })).status()).toBe(404);
});
