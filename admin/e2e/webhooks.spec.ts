import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, newPerson, say, test } from './support';

type Got = { headers: IncomingHttpHeaders; body: string };

/** A system of the organization's own. The server must run with WEBHOOKS_ALLOW_PRIVATE=true to reach it. */
async function receiver(status: () => number) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      response.writeHead(status()).end('thank you');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { got, url: `http://127.0.0.1:${port}/hook`, close: () => server.close() };
}

function signed({ headers, body }: Got, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const ours = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(ours);
}

/** An earlier run that broke off may have left its endpoint. */
async function removeLeftovers(page: Page): Promise<void> {
  const response = await page.request.get('/api/webhook-endpoints?limit=200');
  const { items } = (await response.json()) as { items: { id: string; url: string }[] };
  for (const { id } of items.filter((e) => e.url.startsWith('http://127.0.0.1:'))) {
    await page.request.delete(`/api/webhook-endpoints/${id}`, { headers: { origin: new URL(serverUrl).origin } });
  }
}

test('an endpoint is added, tested, told, and its failures are sent again', async ({ page }) => {
  let status = 200;
  const hook = await receiver(() => status);
  await removeLeftovers(page);
  await page.goto('/admin/webhooks');
  await page.getByRole('link', { name: 'New endpoint' }).click();
  const drawer = page.getByRole('dialog', { name: 'New endpoint' });
  await drawer.getByLabel('Address').fill('nonsense');
  await drawer.getByRole('button', { name: 'Add endpoint' }).click();
  await expect(drawer.getByText('Enter an address that begins with https://')).toBeVisible();
  await drawer.getByLabel('Address').fill(hook.url);
  await drawer.getByRole('switch', { name: 'All events' }).press('Space');
  await drawer.getByRole('checkbox', { name: 'A text came in' }).check();
  await drawer.getByRole('button', { name: 'Add endpoint' }).click();

  const secret = (await page.getByTestId('webhook-secret').textContent()) ?? '';
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await page.getByRole('button', { name: 'I’ve stored it' }).click();
  await expect(page.getByText(secret)).toBeHidden();
  const row = page.getByTestId('webhook-endpoint').filter({ hasText: hook.url });
  await expect(row).toContainText('message.received');

  // A test shows what came of it.
  await row.getByRole('link').click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  const delivery = page.getByTestId('webhook-delivery');
  await expect(delivery.filter({ hasText: 'ping' })).toContainText('Delivered');
  await delivery.filter({ hasText: 'ping' }).getByRole('button', { name: 'Tries and payload' }).click();
  await expect(page.getByTestId('webhook-try')).toContainText('answered 200');
  await expect(page.getByTestId('webhook-try')).toContainText('thank you');

  // What happens is told; what is refused is tried again by hand.
  status = 410;
  await newPerson(page);
  await say(page, 'what times do you have on monday?');
  await expect.poll(() => hook.got.length).toBe(2);
  await page.goto('/admin/');
  await page.getByRole('link', { name: 'See what happened' }).click();
  await expect(page.getByText('It answered 410')).toBeVisible();
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Switched on' }).press('Space');
  await page.getByRole('button', { name: 'Save' }).click();
  status = 200;
  await row.getByRole('link').click();
  await delivery
    .filter({ hasText: 'message.received' })
    .getByRole('button', { name: /^Send .* again$/ })
    .click();
  await expect(delivery.filter({ hasText: 'message.received' })).toContainText('Delivered');
  expect(hook.got).toHaveLength(3);
  expect(hook.got[1]?.headers['webhook-id']).toBe(hook.got[2]?.headers['webhook-id']);
  expect(hook.got.every((one) => signed(one, secret))).toBe(true);

  // A new secret signs beside the old one.
  await page.getByRole('button', { name: 'New secret' }).click();
  await page.getByRole('button', { name: 'Make a new one' }).click();
  const second = (await page.getByTestId('webhook-secret').textContent()) ?? '';
  await page.getByRole('button', { name: 'I’ve stored it' }).click();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect.poll(() => hook.got.length).toBe(4);
  const last = hook.got[3];
  expect(last && signed(last, secret) && signed(last, second)).toBe(true);

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete this endpoint?' }).getByRole('button', { name: 'Delete' }).click();
  await expect(row).toBeHidden();
  hook.close();
});
