import { expect, newPerson, say, shownNumber, test } from './support';

/** Far below any interval at which a page looks by itself while it is connected, and below those while it is not. */
const AT_ONCE = 3_000;

test('what happens in one page is seen in another at once', async ({ page, context }) => {
  const watcher = await context.newPage();
  const connected = watcher.waitForEvent('websocket', (socket) => socket.url().endsWith('/ws/events'));
  await watcher.goto('/admin/conversations');
  const socket = await connected;
  await socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('"live"'));
  const shown = shownNumber(await newPerson(page));

  await say(page, 'hello');
  const row = watcher.getByTestId('conversation-row').filter({ hasText: shown });
  await expect(row).toBeVisible({ timeout: AT_ONCE });
  await row.click();
  const thread = watcher.getByRole('region', { name: 'Messages' });
  await expect(thread.getByTestId('message-inbound')).toHaveCount(1);

  for (const [n, text] of ['do you have time tomorrow?', 'and how much is it?', 'thank you!'].entries()) {
    await say(page, text);
    await expect(thread.getByTestId('message-inbound')).toHaveCount(n + 2, { timeout: AT_ONCE });
  }
  await expect(watcher.getByTestId('live-sign')).toBeEmpty();
});

test('without a connection pages look by themselves, and say so', async ({ page, context }) => {
  const watcher = await context.newPage();
  await watcher.routeWebSocket(/\/ws\/events/, (socket) => socket.close());
  await watcher.goto('/admin/conversations');
  await expect(watcher.getByTestId('live-sign')).toHaveText(/Live updates are off/);
  const shown = shownNumber(await newPerson(page));
  await say(page, 'hello');
  await expect(watcher.getByTestId('conversation-row').filter({ hasText: shown })).toBeVisible();

  // The way is free again.
  await watcher.unrouteAll();
  await watcher.reload();
  await expect(watcher.getByTestId('live-sign')).toBeEmpty();
});
