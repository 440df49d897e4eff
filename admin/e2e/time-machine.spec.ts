import type { Page } from '@playwright/test';
import { expect, newPerson, say, test } from './support';

/** Back to the real time, whatever became of the journey: the other pages live in it too. */
test.afterEach(async ({ page }) => {
  await page.evaluate(() =>
    fetch('/api/simulator/mode', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ simulation: false }),
    }),
  );
});

async function simulate(page: Page): Promise<void> {
  await newPerson(page);
  const mode = page.getByTestId('simulation-mode');
  if (!(await mode.isChecked())) await mode.click({ force: true });
  await expect(page.getByTestId('organization-now')).toBeVisible();
}

async function addFault(page: Page, kind: string): Promise<void> {
  const faults = page.getByTestId('faults');
  await faults.getByRole('combobox', { name: 'The carrier is to' }).click();
  await page.getByRole('option', { name: kind }).click();
  await faults.getByTestId('add-fault').click();
  await expect(faults.getByTestId('fault').filter({ hasText: kind }).last()).toBeVisible();
}

test('silence of two hours ends a dialogue, without waiting two hours', async ({ page }) => {
  await simulate(page);
  const state = page.getByTestId('conversation-state');
  await say(page, 'can I come in tomorrow afternoon?');
  await expect(state).toHaveAttribute('data-state', 'showing_slots');
  await expect(page.getByTestId('clock-banner')).toBeHidden();

  await page.getByTestId('preset-spring_forward').click();
  const banner = page.getByTestId('clock-banner');
  await expect(banner).toContainText('1:30 AM');
  await expect(page.getByTestId('organization-now')).toContainText('1:30 AM');
  await say(page, 'the second one');
  await expect(state).not.toHaveAttribute('data-state', 'confirming_booking');
  await expect(page.getByTestId('phone-thread').getByTestId('message-outbound')).toHaveCount(2);

  // Time goes on from there.
  await page.getByRole('button', { name: '+1 min' }).click();
  await expect(page.getByTestId('organization-now')).toContainText('1:31 AM');

  // Every page says so, and leads back.
  await page.goto('/admin/appointments');
  await expect(banner).toBeVisible();
  await page.getByTestId('clock-reset').click();
  await expect(banner).toBeHidden();
});

test('a carrier that fails is seen to fail', async ({ page }) => {
  await simulate(page);
  const log = page.getByTestId('carrier-log');
  await addFault(page, 'Report an error later');
  await say(page, 'hello');
  await expect(log.getByTestId('carrier-event').filter({ hasText: 'undelivered 30003' })).toBeVisible();
  await expect(log.locator('[data-effect=applied]').filter({ hasText: 'undelivered' })).toBeVisible();

  await addFault(page, 'Report twice');
  await say(page, 'hello again');
  await expect(log.locator('[data-effect=nothing_new]')).toHaveCount(2);

  await addFault(page, 'Say nothing');
  await say(page, 'are you there?');
  await expect(log.locator('[data-effect=withheld]')).toHaveCount(2);
  await expect(page.getByTestId('fault').filter({ hasText: 'used up' })).toHaveCount(3);
});
