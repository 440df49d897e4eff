import { expect, newPerson, say, test } from './support';

test('a text shows in the figures at once, in the chart’s table, in the file, and on the first page', async ({
  page,
}) => {
  await page.goto('/admin/analytics?days=7');
  await expect(page.getByRole('heading', { level: 1, name: 'Analytics' })).toBeVisible();
  const received = page.getByTestId('tiles').locator('div', { has: page.getByText('Texts received', { exact: true }) });
  await expect(received).toBeVisible();
  const number = async () => Number((await received.locator('dd').first().innerText()).replaceAll(',', ''));
  const before = await number();

  const other = await page.context().newPage();
  await newPerson(other);
  await say(other, 'what are your hours?');
  await expect(other.getByTestId('simulator-input')).toHaveValue('');
  // Live: nobody reloads. Figures follow ten seconds apart at most.
  await expect.poll(number, { timeout: 30_000 }).toBeGreaterThan(before);
  await other.close();

  // The same numbers for who would rather read them.
  await page.getByText('Texts as a table', { exact: true }).click();
  const table = page.getByRole('region', { name: 'Texts, table' });
  await expect(table.getByRole('row')).toHaveCount(8);
  await expect(table.getByRole('row').last().getByRole('cell').first()).not.toHaveText('0');

  // By the hour, within a month only.
  await page.getByText('Hour', { exact: true }).click();
  await expect(page).toHaveURL(/by=hour/);
  await expect(table.getByRole('row')).toHaveCount(7 * 24 + 1);
  await page.getByText('90 days', { exact: true }).click();
  await expect(page.getByText('Hour', { exact: true })).toHaveCount(0);
  await expect(table.getByRole('row')).toHaveCount(91);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^figures-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
  const answer = await page.request.get('/api/analytics/dashboard.csv?days=90&by=day');
  const lines = (await answer.text()).trim().split('\n');
  expect(lines).toHaveLength(91);
  expect(lines[0]).toContain('starts_at,date,texts_in');

  // Days of one's own.
  await page.getByLabel('First day').fill('2026-01-01');
  await page.getByLabel('Last day').fill('2026-01-02');
  await expect(page).toHaveURL(/from=2026-01-01&to=2026-01-02/);
  await expect(page.getByText('No texts in this time')).toBeVisible();

  await page.goto('/admin/');
  await page.getByRole('link', { name: 'Analytics' }).last().click();
  await expect(page).toHaveURL(/\/admin\/analytics$/);
});

test('on a phone the figures stand under each other', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/admin/analytics');
  await expect(page.getByTestId('tiles')).toBeVisible();
  await expect(page.getByRole('heading', { level: 2, name: 'What became of our texts' })).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBeLessThanOrEqual(0);
});
