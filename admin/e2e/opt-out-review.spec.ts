import { expect, newPerson, say, shownNumber, test } from './support';

test('a doubtful opt-out waits for a person, and nothing is sent meanwhile', async ({ page }) => {
  const number = await newPerson(page);
  const shown = shownNumber(number);
  const phone = page.getByTestId('phone-thread');
  await say(page, 'enough with the messages ok');
  await expect(phone.getByTestId('message-inbound')).toHaveCount(1);
  await expect(page.getByTestId('badge-reviews')).toBeVisible();
  await page.getByTestId('under-review').getByRole('link', { name: 'Decide it' }).click();

  const review = page.getByTestId('review').filter({ hasText: shown });
  await expect(review.locator('mark')).toHaveText('enough with the messages');
  await expect(review.getByTestId('review-due')).toHaveText(/^Due in 1\d days$/);

  // Not even staff can write.
  await review.getByRole('link', { name: 'See the conversation' }).click();
  await expect(page.getByTestId('composer-blocked')).toContainText('Nothing can be sent until that is decided');
  await expect(page.getByRole('region', { name: 'Messages' }).getByTestId('message-outbound')).toHaveCount(0);
  await page.getByRole('link', { name: 'Decide it' }).click();

  await review.getByRole('button', { name: 'Keep texting' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note').fill('Asked by phone: the number is right.');
  await dialog.getByRole('button', { name: 'Keep texting' }).click();
  await expect(review).toBeHidden();
  await page.getByText('Decided', { exact: true }).click();
  await expect(page).toHaveURL(/status=decided/);
  await expect(review.getByTestId('review-status')).toHaveAttribute('data-state', 'kept');
  await expect(review).toContainText('Asked by phone: the number is right.');

  // From now on they are answered.
  await page.goto(`/admin/simulator?from=${encodeURIComponent(number)}`);
  await say(page, 'hello');
  await expect(phone.getByTestId('message-outbound')).toHaveCount(1);
});

test('a doubtful opt-out that was meant ends the texts', async ({ page }) => {
  const shown = shownNumber(await newPerson(page));
  await say(page, 'ugh go away');
  await expect(page.getByTestId('badge-reviews')).toBeVisible();
  await page.goto('/admin/opt-out-reviews');
  const review = page.getByTestId('review').filter({ hasText: shown });
  await review.getByRole('button', { name: 'Opt out' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Opt out' }).click();
  await expect(review).toBeHidden();

  await page.goto('/admin/opt-out-reviews?status=decided');
  await review.getByRole('link', { name: 'See the conversation' }).click();
  await expect(page.getByTestId('composer-blocked')).toContainText('asked for no more texts');
});
