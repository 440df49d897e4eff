import { expect, test } from './support';

test('a report is opened, made urgent, worked on and resolved', async ({ page }) => {
  const subject = `The door is stuck ${Date.now()}`;
  await page.goto('/admin/reports');
  await page.getByRole('link', { name: 'New report' }).click();
  await page.getByRole('button', { name: 'Open report' }).click();
  await expect(page.getByText('Write something.').first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Subject' }).fill(subject);
  await page.getByRole('textbox', { name: 'What is the matter' }).fill('It opens from the inside only.');
  await page.getByRole('button', { name: 'Open report' }).click();

  const report = page.getByTestId('report');
  await expect(report.getByRole('heading', { name: subject })).toBeVisible();
  await expect(report.getByTestId('report-status')).toHaveText('Open');
  await report.getByRole('combobox', { name: 'Priority' }).click();
  await page.getByRole('option', { name: 'Urgent' }).click();
  await expect(page.getByTestId('badge-urgent')).toBeVisible();
  await report.getByRole('button', { name: 'Start' }).click();
  await expect(report.getByTestId('report-status')).toHaveText('In progress');

  await report.getByRole('textbox', { name: 'Write a comment' }).fill('A locksmith comes at 4.');
  await report.getByRole('button', { name: 'Comment' }).click();
  await expect(report.getByTestId('report-comment')).toContainText('A locksmith comes at 4.');
  await report.getByRole('button', { name: 'Resolve' }).click();
  await report.getByRole('textbox', { name: 'How it was resolved' }).fill('New lock.');
  await report.getByRole('button', { name: 'Resolve it' }).click();
  await expect(report.getByTestId('report-status')).toHaveText('Resolved');
  await expect(report.getByRole('region', { name: 'History' })).toContainText('Resolved by');

  await page.getByRole('button', { name: 'Close' }).click();
  const row = page.getByTestId('report-row').filter({ hasText: subject });
  await expect(row).toHaveCount(0);
  await page.goto('/admin/reports?status=resolved');
  await expect(row).toBeVisible();
});

test('what a contact reports by text is listed', async ({ page }) => {
  const from = `+1415555${String(Date.now() % 10_000).padStart(4, '0')}`;
  const words = `the window of room ${Date.now()} does not close`;
  const sent = await page.request.post('/api/simulator/messages', {
    data: { from, body: `I want to report a problem: ${words}` },
  });
  expect(sent.ok()).toBe(true);
  await page.goto('/admin/reports');
  const row = page.getByTestId('report-row').filter({ hasText: words });
  await expect(row).toContainText('by text', { timeout: 20_000 });
  await row.getByRole('link').click();
  await expect(page.getByTestId('report')).toContainText(`I want to report a problem: ${words}`);
});
