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

export { expect };
