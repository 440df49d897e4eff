import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { serverUrl } from './server';
import { expect, test } from './support';

// Each looks at a whole page four times.
test.slow();

const PAGES = {
  Dashboard: '/admin/',
  Conversations: '/admin/conversations',
  'Waiting conversations': '/admin/conversations?filter=waiting',
  'Conversations with a person': '/admin/conversations?filter=human',
  'Own conversations': '/admin/conversations?filter=mine',
  'Archived conversations': '/admin/conversations?filter=archived',
  Reports: '/admin/reports',
  'Reports of any state': '/admin/reports?status=any',
  'Team messages': '/admin/team',
  'Messages with the assistant': '/admin/team?with=assistant',
  Simulator: '/admin/simulator',
  Contacts: '/admin/contacts',
  'Archived contacts': '/admin/contacts?shown=archived',
  'Opt-out reviews': '/admin/opt-out-reviews',
  'Decided reviews': '/admin/opt-out-reviews?status=decided',
  'Block list': '/admin/suppressions',
  'Quiet hours': '/admin/quiet-hours',
  Appointments: '/admin/appointments',
  'Past appointments': '/admin/appointments?when=past',
  Slots: '/admin/slots',
  'All slots': '/admin/slots?service=all',
  Availability: '/admin/availability',
  Services: '/admin/services',
  Knowledge: '/admin/knowledge',
  Templates: '/admin/templates',
  Assistant: '/admin/assistant',
  Organization: '/admin/organization',
  Staff: '/admin/staff',
  Invitations: '/admin/staff?tab=invitations',
  Roles: '/admin/staff?tab=roles',
  Senders: '/admin/senders',
  'API keys': '/admin/api-keys',
  Webhooks: '/admin/webhooks',
  'Audit log': '/admin/audit',
  'Dead jobs': '/admin/jobs',
  'Done jobs': '/admin/jobs?state=done',
  Organizations: '/admin/organizations',
  'Users of the installation': '/admin/organizations?tab=users',
  Account: '/admin/account',
  Privacy: '/admin/privacy',
  'A page that is not there': '/admin/nowhere',
  'An invitation that is over': '/admin/join/made-up',
};

/** What an address opens beside its page. */
const FORMS = {
  'A new report': '/admin/reports?report=new',
  'A new appointment': '/admin/appointments?book=new',
  'New weekly hours': '/admin/availability?hours=new',
  'New closed days': '/admin/availability?closed=new',
  'A new service': '/admin/services?service=new',
  'A new provider': '/admin/services?provider=new',
  'A new entry': '/admin/knowledge?entry=new',
  'A new template': '/admin/templates?template=new',
  'A new role': '/admin/staff?tab=roles&edit=new',
  'A new endpoint': '/admin/webhooks?endpoint=new',
};

async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .map((n) => n.target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
  );
}

/** Colours on their way from one scheme to the other have no contrast worth measuring. */
async function stillness(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const moving = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((animation) => animation.finished));
  });
}

/** What is on screen, in both colours, wide and on a phone. */
async function check(page: Page): Promise<void> {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
      await stillness(page);
      expect(await axe(page), `${width} wide, ${colorScheme}`).toEqual([]);
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `scrolls sideways when ${width} wide`).toBeLessThanOrEqual(0);
  }
}

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: no axe violations`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await check(page);
  });
}

for (const [name, path] of Object.entries(FORMS)) {
  test(`${name}: no axe violations`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByRole('dialog').getByRole('textbox').first()).toBeVisible();
    await check(page);
  });
}

test.describe('with somebody who wrote', () => {
  test.beforeEach(async ({ page }) => {
    const sent = await page.request.post('/api/simulator/messages', {
      headers: { origin: new URL(serverUrl).origin },
      data: { from: '+14155550101', body: 'hello' },
    });
    expect(sent.ok()).toBe(true);
  });

  test('A thread: no axe violations', async ({ page }) => {
    await page.goto('/admin/conversations');
    await page.getByTestId('conversation-row').first().click();
    const why = page.getByRole('button', { name: 'Why this answer' });
    await why.last().click();
    await expect(why.last()).toHaveAttribute('aria-expanded', 'true');
    await expect(page.getByTestId('composer')).toBeVisible();
    await check(page);
  });

  test('A contact: no axe violations', async ({ page }) => {
    await page.goto('/admin/contacts');
    await page.getByRole('list', { name: 'Contacts' }).getByRole('link').first().click();
    await expect(page.getByRole('heading', { name: 'Details' })).toBeVisible();
    await check(page);
  });
});

test('A slot: no axe violations', async ({ page }) => {
  await page.goto('/admin/slots');
  // This week may be over: its slots are in the next one then.
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  const slot = page.getByTestId('slot').first();
  if (!(await slot.isVisible())) await page.getByRole('button', { name: 'Next week', exact: true }).click();
  await slot.click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await check(page);
});

test('A form for a model: no axe violations', async ({ page }) => {
  await page.goto('/admin/assistant');
  await page.getByRole('button', { name: 'Add a model' }).click();
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Model' })).toBeVisible();
  await check(page);
});

test('The navigation on a phone, unfolded: no axe violations', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 900 });
  await page.goto('/admin/');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Navigation', exact: true }).click();
  await page.getByRole('button', { name: 'Settings and system' }).click();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Audit log' })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole('navigation').getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Audit log' })).toBeHidden();
});

test.describe('signed out', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('The sign-in page: no axe violations', async ({ page }) => {
    await page.goto('/admin/');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await check(page);
  });
});
