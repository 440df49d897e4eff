import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, test } from './support';

const PAGES = {
  Dashboard: '/admin/',
  Simulator: '/admin/simulator',
  Slots: '/admin/slots',
  'All slots': '/admin/slots?service=all',
  Contacts: '/admin/contacts',
  'Archived contacts': '/admin/contacts?shown=archived',
  Conversations: '/admin/conversations',
  'Waiting conversations': '/admin/conversations?filter=waiting',
  'Opt-out reviews': '/admin/opt-out-reviews',
  'Decided reviews': '/admin/opt-out-reviews?status=decided',
  'Block list': '/admin/suppressions',
  Senders: '/admin/senders',
  'Team messages': '/admin/team',
  'Messages with the assistant': '/admin/team?with=assistant',
  Reports: '/admin/reports',
  'Reports of any state': '/admin/reports?status=any',
  Appointments: '/admin/appointments',
  'Past appointments': '/admin/appointments?when=past',
  Knowledge: '/admin/knowledge',
  Assistant: '/admin/assistant',
  Jobs: '/admin/jobs',
  Organization: '/admin/organization',
  Staff: '/admin/staff',
  Invitations: '/admin/staff?tab=invitations',
  Roles: '/admin/staff?tab=roles',
  'API keys': '/admin/api-keys',
  'Audit log': '/admin/audit',
  Organizations: '/admin/organizations',
  'Users of the installation': '/admin/organizations?tab=users',
  'Done jobs': '/admin/jobs?state=done',
  Account: '/admin/account',
  Privacy: '/admin/privacy',
};

async function check(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .map((n) => n.target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
  );
  expect(found).toEqual([]);
}

async function settle(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test.describe(`${colorScheme}, ${width} wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 900 } });

      test('every page is free of axe violations', async ({ page }) => {
        // Many pages, each looked at in whole.
        test.slow();
        for (const [name, path] of Object.entries(PAGES)) {
          await test.step(name, async () => {
            await page.goto(path);
            await settle(page);
            await check(page);
            const overflow = await page.evaluate(
              () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            expect(overflow, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
          });
        }
      });

      test('so are a thread, a contact, a slot, an entry and a form for a model', async ({ page }) => {
        await page.request.post('/api/simulator/messages', {
          headers: { origin: new URL(serverUrl).origin },
          data: { from: '+14155550101', body: 'hello' },
        });

        await page.goto('/admin/conversations');
        await page.getByTestId('conversation-row').first().click();
        const why = page.getByRole('button', { name: 'Why this answer' });
        await why.last().click();
        await expect(why.last()).toHaveAttribute('aria-expanded', 'true');
        await expect(page.getByTestId('composer')).toBeVisible();
        await check(page);

        await page.goto('/admin/contacts');
        await page.getByRole('list', { name: 'Contacts' }).getByRole('link').first().click();
        await expect(page.getByRole('heading', { name: 'Details' })).toBeVisible();
        await settle(page);
        await check(page);

        await page.goto('/admin/slots');
        // This week may be over: its slots are in the next one then.
        await settle(page);
        const slot = page.getByTestId('slot').first();
        if (!(await slot.isVisible())) await page.getByRole('button', { name: 'Next week', exact: true }).click();
        await slot.click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await settle(page);
        await check(page);

        await page.goto('/admin/knowledge?entry=new');
        await expect(page.getByRole('dialog').getByLabel('Answer in English')).toBeVisible();
        await check(page);

        await page.goto('/admin/assistant');
        await page.getByRole('button', { name: 'Add a model' }).click();
        await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Model' })).toBeVisible();
        await check(page);
      });
    });
  }
}

test.describe('signed out', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('the sign-in page is free of axe violations', async ({ page }) => {
    await page.goto('/admin/');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await check(page);
  });
});
