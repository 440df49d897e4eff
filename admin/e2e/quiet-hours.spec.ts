import { expect, test } from './support';

test('a number is checked, a rule overridden with a reason, and the override ended', async ({ page }) => {
  await page.goto('/admin/quiet-hours');
  await expect(page.getByRole('heading', { level: 1, name: 'Quiet hours' })).toBeVisible();

  // A Sunday in Alabama.
  const check = page.locator('form').filter({ has: page.getByLabel('ZIP or postal code') });
  await check.getByLabel('Phone number').fill('(205) 555-0101');
  await check.getByLabel('At (your clock)').fill('2026-06-14T15:00');
  await check.getByRole('button', { name: 'Check' }).click();
  const result = page.getByTestId('quiet-hours-result');
  await expect(result).toContainText('Held: a Sunday in Alabama, no texts that day; will go at 9 am.');
  await expect(result.getByRole('listitem').filter({ hasText: 'Alabama' })).toContainText('Closed');

  // A ZIP code says more than the area code.
  await check.getByLabel('ZIP or postal code').fill('33101');
  await check.getByRole('button', { name: 'Check' }).click();
  await expect(result).toContainText('in Florida');
  await expect(result).toContainText('Florida: at most 3 texts in 24 hours');

  // The rule shows its source and date; an override needs a reason.
  const rule = page.getByTestId('rule-us-al');
  await expect(rule).toContainText('Ala. Code § 8-19A-14');
  await expect(rule).toContainText('Checked');
  await rule.getByRole('button', { name: 'Override Alabama' }).click();
  const dialog = page.getByRole('dialog', { name: 'Override: Alabama' });
  await dialog.getByLabel('Turn it off').check();
  await expect(dialog.getByRole('button', { name: 'Override' })).toBeDisabled();
  await dialog.getByLabel('Reason').fill('Counsel’s letter of 3 March.');
  await dialog.getByRole('button', { name: 'Override' }).click();
  await expect(rule.getByTestId('override')).toContainText('Counsel’s letter of 3 March.');
  await expect(rule).toContainText('Off');

  await rule.getByRole('button', { name: 'End the override of Alabama' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await expect(rule.getByTestId('override')).toBeHidden();
  await expect(page.getByTestId('ended-override').first()).toContainText('Counsel’s letter of 3 March.');
});

test('own hours are set by day', async ({ page }) => {
  await page.goto('/admin/quiet-hours');
  const rule = page.getByTestId('rule-default-marketing');
  await rule.getByRole('button', { name: /^Override/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('group', { name: 'Hours 1' }).getByLabel('From').fill('10:30');
  await dialog.getByRole('button', { name: 'Remove hours 2' }).click();
  await dialog.getByLabel('Reason').fill('Nobody reads before half past ten.');
  await dialog.getByRole('button', { name: 'Override', exact: true }).click();
  await expect(rule).toContainText('Mon – Sat 10:30 am – 8 pm, closed Sun');
  await rule.getByRole('button', { name: /^End/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click();
  await expect(rule).toContainText('Mon – Sat 9 am – 8 pm, Sun noon – 8 pm');
});

test('a cap of one’s own is set, shown for a number, and lifted', async ({ page }) => {
  await page.goto('/admin/quiet-hours');
  const card = page.getByTestId('frequency-cap');
  const texts = card.getByLabel('Marketing texts');
  await expect(texts).toHaveValue('0');
  await expect(card.getByRole('button', { name: 'Save the cap' })).toBeDisabled();
  await texts.fill('101');
  await card.getByRole('button', { name: 'Save the cap' }).click();
  await expect(card).toContainText('A whole number from 0 to 100.');
  await texts.fill('4');
  await card.getByLabel('In how many days').fill('30');
  await card.getByRole('button', { name: 'Save the cap' }).click();
  await expect(page.getByText('At most 4 marketing texts in 30 days.')).toBeVisible();
  await expect(card.getByRole('button', { name: 'Save the cap' })).toBeDisabled();

  const check = page.locator('form').filter({ has: page.getByLabel('ZIP or postal code') });
  await check.getByLabel('Phone number').fill('(415) 555-0101');
  await check.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByTestId('quiet-hours-result')).toContainText('Your own cap: at most 4 texts in 30 days');

  await texts.fill('0');
  await card.getByRole('button', { name: 'Save the cap' }).click();
  await expect(page.getByText('No cap of your own.')).toBeVisible();
});
