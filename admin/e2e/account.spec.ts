import { createHmac } from 'node:crypto';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { serverUrl } from './server';
import { credentials, expect, signIn, test } from './support';

/** What an authenticator app shows (RFC 6238), `steps` of thirty seconds from now. */
function totp(base32: string, steps = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...base32].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function confirmPassword(page: Page, button: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password', { exact: true }).fill(credentials.password);
  await dialog.getByRole('button', { name: button }).click();
}

async function enter(page: Page, code: string): Promise<void> {
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible();
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Another browser of the same person, at the question for the code. */
async function elsewhere(browser: Browser): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: serverUrl, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto('/admin/');
  await signIn(page);
  return { context, page };
}

// The other journeys sign in without a code.
test.afterEach(async ({ page }) => {
  await page.request.delete('/api/auth/me/totp', { data: { password: credentials.password } });
});

test('a second factor, a recovery code, and a device signed out from afar', async ({ page, browser }) => {
  await page.goto('/admin/account');
  await expect(page.getByTestId('second-factor')).toHaveText('Off');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await confirmPassword(page, 'Continue');
  await expect(page.getByRole('img', { name: 'QR code for the authenticator app' })).toBeVisible();
  const secret = await page.getByTestId('totp-secret').innerText();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Code').fill('12');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await expect(dialog.getByText('This is not the code the app shows now.')).toBeVisible();
  await dialog.getByLabel('Code').fill(totp(secret));
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  const shown = page.getByTestId('recovery-codes').getByRole('listitem');
  await expect(shown).toHaveCount(10);
  const codes = await shown.allInnerTexts();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByTestId('second-factor')).toHaveText('On');

  const phone = await elsewhere(browser);
  await enter(phone.page, '000000');
  await expect(phone.page.getByRole('alert')).toContainText('That code doesn’t work');
  // The next step's: this one's was used to turn it on.
  await enter(phone.page, totp(secret, 1));
  await expect(phone.page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();

  const other = await elsewhere(browser);
  await enter(other.page, codes[0] ?? '');
  await expect(other.page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await other.context.close();

  await page.reload();
  const devices = page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
  await expect(devices.filter({ hasText: 'this one' })).toHaveCount(1);
  const before = await devices.count();
  expect(before).toBeGreaterThan(2);
  while ((await devices.count()) > 1) {
    const left = await devices.count();
    await devices
      .getByRole('button', { name: /^Sign out/ })
      .first()
      .click();
    await expect(devices).toHaveCount(left - 1);
  }
  await phone.page.goto('/admin/contacts');
  await expect(phone.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await phone.context.close();

  await page.getByRole('button', { name: 'Turn off' }).click();
  await confirmPassword(page, 'Turn off');
  await expect(page.getByTestId('second-factor')).toHaveText('Off');
});

test('name and phone number are kept, and a common password is refused', async ({ page }) => {
  await page.goto('/admin/account');
  const name = page.getByLabel('Name', { exact: true });
  const old = await name.inputValue();
  await name.fill('Robin Hale');
  await page.getByLabel('Phone number').fill('(415) 555-0143');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Your account is saved')).toBeVisible();
  await expect(page.getByLabel('Phone number')).toHaveValue('+14155550143');
  await expect(page.getByTestId('user-menu')).toContainText('Robin Hale');
  await name.fill(old);
  await page.getByLabel('Phone number').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByTestId('user-menu')).toContainText(old);

  await page.getByLabel('Current password', { exact: true }).fill(credentials.password);
  await page.getByLabel('New password', { exact: true }).fill('password12345');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('This password is among the first that anybody would try.')).toBeVisible();
});

test('an invitation that is over says so', async ({ page }) => {
  await page.goto('/admin/join/made-up');
  await expect(page.getByRole('heading', { name: 'This invitation is over' })).toBeVisible();
});
