import { test as base, expect, type Page } from '@playwright/test';
import { serverUrl } from './server';

export const credentials = {
  username: process.env.ADMIN_USERNAME ?? 'admin',
  password: process.env.ADMIN_PASSWORD ?? '',
};

export async function signIn(page: Page, password: string = credentials.password): Promise<void> {
  await page.getByLabel('Username').fill(credentials.username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

type State = Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>;

/** `page` is signed in; one sign-in serves the whole run, so the limit on attempts is left alone. */
export const test = base.extend<object, { session: State }>({
  session: [
    async ({ browser }, use) => {
      const context = await browser.newContext({ baseURL: serverUrl });
      const page = await context.newPage();
      await page.goto('/admin/');
      await signIn(page);
      await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
      const state = await context.storageState();
      await context.close();
      await use(state);
    },
    { scope: 'worker' },
  ],
  storageState: async ({ session }, use) => use(session),
});

/** Opens the simulator as somebody who has never written. Returns the number, E.164. */
export async function newPerson(page: Page): Promise<string> {
  await page.goto('/admin/simulator');
  // Fictitious numbers are few, so an earlier run may have had this one: take another until it is new.
  await expect(async () => {
    await page.getByTestId('simulator-new-person').click();
    await expect(page.getByText('Say what a customer would say')).toBeVisible({ timeout: 1500 });
  }).toPass();
  const number = new URL(page.url()).searchParams.get('from') ?? '';
  expect(number).toMatch(/^\+1\d{3}55501\d{2}$/);
  return number;
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId('simulator-input').fill(text);
  await page.getByTestId('simulator-input').press('Enter');
}

/** The number as the dashboard writes it. */
export const shownNumber = (number: string): string => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, '+1 $1 $2 $3');

export { expect };
