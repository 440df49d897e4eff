import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, test } from './support';

/** Archived at the end, so that runs do not find each other's. */
async function archiveLeftovers(page: Page): Promise<void> {
  const response = await page.request.get('/api/templates?limit=200');
  const { items } = (await response.json()) as { items: { id: string; name: string }[] };
  const headers = { origin: new URL(serverUrl).origin };
  for (const { id } of items.filter((one) => one.name.startsWith('Sale '))) {
    await page.request.post(`/api/templates/${id}/archive`, { headers });
  }
}

test('a template is written, looked at, split in two, refused and saved, and put away', async ({ page }) => {
  await archiveLeftovers(page);
  const mark = Date.now().toString(36);
  const name = `Sale ${mark}`;
  await page.goto('/admin/templates');
  await page.getByRole('link', { name: 'New template' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill(name);

  // A chip puts the variable where the cursor is.
  const text = drawer.getByRole('textbox', { name: 'Text', exact: true });
  await text.fill('Hi , 20% off today.');
  await text.press('Home');
  for (let n = 0; n < 3; n += 1) await text.press('ArrowRight');
  await drawer.getByRole('button', { name: 'first_name', exact: true }).click();
  await expect(text).toHaveValue('Hi {{ first_name | default("there") }}, 20% off today.');
  await expect(drawer.getByTestId('template-text')).toHaveText('Hi Ana, 20% off today.');
  await expect(drawer.getByTestId('template-parts')).toContainText('1 SMS');
  const codes = () => drawer.getByTestId('template-warning').evaluateAll((all) => all.map((one) => one.dataset.code));
  await expect.poll(codes).toEqual(['no_opt_out', 'no_business_name']);

  // What is wrong is said where it is, and keeps it from being saved.
  await text.fill('{business_name}: 20% off, {{ fist_name }}! Reply STOP to opt out');
  await expect(drawer.getByTestId('template-syntax')).toContainText('Did you mean first_name?');
  await drawer.getByRole('button', { name: 'Add template' }).click();
  await expect(drawer.getByText(/^line 1, column 30/)).toBeVisible();
  await text.fill('{business_name}: 20% off. Reply YES to book, STOP to opt out — bye');
  await expect.poll(codes).toEqual(['carrier_keyword']);
  await expect(drawer.getByTestId('template-culprit')).toContainText('— (long dash)');
  await text.fill('{business_name}: 20% off. Reply STOP to opt out');
  await expect.poll(codes).toEqual([]);

  await drawer.getByRole('button', { name: 'Add a variant' }).click();
  const second = drawer.getByRole('textbox', { name: 'Text of variant B' });
  await second.fill('{business_name}: a fifth off. Reply STOP to opt out');
  await drawer.getByLabel('Weight').fill('3');
  await expect(drawer.getByText('B · 75%')).toBeVisible();
  await expect(drawer.getByTestId('template-text')).toContainText('a fifth off');
  await drawer.getByRole('button', { name: 'Add template' }).click();
  await expect(drawer).toBeHidden();
  const row = page.getByTestId('template').filter({ hasText: name });
  await expect(row).toContainText('A 25% · B 75%');

  await row.getByRole('button', { name: `More for “${name}”` }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(
    `${name} (copy)`,
  );
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true })).toHaveValue(name);
  await page.getByRole('dialog').getByRole('button', { name: 'Back' }).click();
  await archiveLeftovers(page);
  await page.goto(`/admin/templates?shown=archived&q=${mark}`);
  await expect(page.getByTestId('template')).toHaveCount(2);
});

test('a template is read as a contact would, also on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const number = `+1212555${String(Date.now() % 10_000).padStart(4, '0')}`;
  const headers = { origin: new URL(serverUrl).origin };
  const body = { phone_number: number, first_name: `Zoe${number.slice(-4)}`, custom: { plan: 'gold' } };
  await page.request.post('/api/contacts', { headers, data: body });
  await page.goto('/admin/templates?template=new');
  const drawer = page.getByRole('dialog');
  await drawer
    .getByRole('textbox', { name: 'Text', exact: true })
    .fill(
      'Hi {first_name}, your plan: {% if custom.plan == "gold" %}GOLD{% else %}none{% endif %}, {{ custom.nothing }}',
    );
  await drawer.getByRole('combobox', { name: 'As read by' }).fill(number.slice(-4));
  await page.getByRole('option', { name: new RegExp(body.first_name) }).click();
  await expect(drawer.getByTestId('template-fault')).toContainText('custom.nothing is not known');
  await drawer
    .getByRole('textbox', { name: 'Text', exact: true })
    .fill('Hi {first_name}, your plan: {% if custom.plan == "gold" %}GOLD{% else %}none{% endif %}');
  await expect(drawer.getByTestId('template-text')).toHaveText(`Hi ${body.first_name}, your plan: GOLD`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(wide).toBe(false);
});
