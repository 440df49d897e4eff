import { expect, newPerson, say, shownNumber, test } from './support';

test('who asks for a person gets one, and the assistant back after that', async ({ page }) => {
  // Only who starts to wait after the first look is announced.
  const firstLook = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/inbox');
  const number = await newPerson(page);
  await firstLook;
  const shown = shownNumber(number);
  const replies = page.getByTestId('phone-thread').getByTestId('message-outbound');

  await say(page, 'can I talk to a real person please?');
  await expect(replies).toHaveCount(1);
  await expect(page.getByTestId('waiting')).toContainText('Asked for a person');
  await expect(page.getByTestId('badge-waiting')).toBeVisible();
  await expect(page).toHaveTitle(/^\(\d+\) Simulator/);
  const announcement = page.getByRole('alert').filter({ hasText: `${shown} is waiting` });
  await announcement.getByRole('link', { name: 'Open the conversation' }).click();

  await expect(announcement).toBeHidden();

  // Staff find why, and answer.
  await expect(page.getByRole('heading', { level: 2, name: shown })).toBeVisible();
  await expect(page.getByTestId('waiting-banner')).toContainText('Asked for a person');
  const thread = page.getByRole('region', { name: 'Messages' });
  await thread.getByRole('button', { name: 'Why this answer' }).last().click();
  await expect(thread.getByText('Handing over')).toBeVisible();
  await expect(thread.getByTestId('turn-source')).toHaveText('Built-in');
  await page.getByTestId('composer').fill('Hi, this is the front desk. What can we do for you?');
  await page.getByTestId('composer').press('Control+Enter');
  const answer = thread.getByTestId('message-outbound').filter({ hasText: 'this is the front desk' });
  await expect(answer).toHaveAttribute('data-author', 'staff');
  await expect(page.getByTestId('composer')).toHaveValue('');
  await expect(page.getByTestId('waiting-banner')).toBeHidden();
  const mode = page.getByTestId('conversation-mode');
  await expect(mode).toHaveAttribute('data-state', 'human');

  // The contact has the answer, and the assistant keeps out of it.
  await page.goto(`/admin/simulator?from=${encodeURIComponent(number)}`);
  await expect(replies).toHaveCount(2);
  await expect(replies.last()).toContainText('this is the front desk');
  await say(page, 'can I come in tomorrow afternoon?');
  await expect(page.getByTestId('waiting')).toBeVisible();
  await expect(page.getByTestId('human-mode')).toBeVisible();
  await expect(replies).toHaveCount(2);

  // Released, it answers the next text.
  await page.getByTestId('human-mode').getByRole('link').click();
  await page.getByRole('button', { name: 'Release to the assistant' }).click();
  await expect(mode).toHaveAttribute('data-state', 'bot');
  await expect(page.getByTestId('waiting-banner')).toBeHidden();
  await page.goto(`/admin/simulator?from=${encodeURIComponent(number)}`);
  await expect(page.getByTestId('human-mode')).toBeHidden();
  await say(page, 'can I come in the day after tomorrow, in the morning?');
  await expect(replies).toHaveCount(3);
});

test('staff take a conversation over without a word, and find it under its filter', async ({ page }) => {
  const shown = shownNumber(await newPerson(page));
  const replies = page.getByTestId('phone-thread').getByTestId('message-outbound');
  await say(page, 'hello');
  await expect(replies).toHaveCount(1);

  await page.goto('/admin/conversations');
  const row = page.getByTestId('conversation-row').filter({ hasText: shown });
  await row.click();
  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByTestId('conversation-mode')).toHaveAttribute('data-state', 'human');

  await page.getByText('With a person', { exact: false }).first().click();
  await expect(page).toHaveURL(/filter=human/);
  await expect(row).toBeVisible();
  await page.getByRole('button', { name: 'Release to the assistant' }).click();
  await expect(row).toBeHidden();
});
