// Pages that are opened with something on them, or by more than an address: forms, threads, dialogs.
import { axe, check } from './axe';
import { serverUrl } from './server';
import { expect, test } from './support';

// Each looks at a whole page four times.
test.slow();

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
  'A new segment': '/admin/segments?segment=new',
  'A new role': '/admin/staff?tab=roles&edit=new',
  'A new endpoint': '/admin/webhooks?endpoint=new',
};

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

  test('A receipt, and a text that is looked at: no axe violations', async ({ page }) => {
    const sent = await page.request.post('/api/simulator/messages', {
      headers: { origin: new URL(serverUrl).origin },
      data: { from: '+14155550101', body: 'hello again' },
    });
    const { conversation_id } = (await sent.json()) as { conversation_id: string };
    await page.goto(`/admin/conversations?id=${conversation_id}`);
    await page.getByTestId('composer').fill('It’s ready – reply YES to confirm. Come by when you like, until five.');
    await expect(page.getByTestId('text-keyword')).toBeVisible();
    await expect(page.getByTestId('text-culprit')).toBeVisible();
    await check(page);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByTestId('decision').last().click();
    await expect(page.getByRole('list', { name: 'Decisions' })).toBeVisible();
    await check(page);
  });

  test('A contact: no axe violations', async ({ page }) => {
    await page.goto('/admin/contacts');
    await page.getByRole('list', { name: 'Contacts' }).getByRole('link').first().click();
    await expect(page.getByRole('heading', { name: 'Details' })).toBeVisible();
    await check(page);
    await page.getByRole('button', { name: 'Record consent' }).click();
    await expect(page.getByRole('dialog').getByLabel('Evidence')).toBeVisible();
    await check(page);
  });
});

test('A campaign, written and begun: no axe violations', async ({ page }) => {
  const headers = { origin: new URL(serverUrl).origin };
  const post = async <Row = { id: string }>(path: string, data: object) => {
    const answer = await page.request.post(path, { headers, data });
    expect(answer.ok(), `${path}: ${answer.status()}`).toBe(true);
    return (await answer.json()) as Row;
  };
  const numbers = ['+14155550101', '+14155550102'];
  for (const from of numbers) {
    const { contact_id } = await post<{ contact_id: string }>('/api/simulator/messages', { from, body: 'hello' });
    await post(`/api/contacts/${contact_id}/consent`, {
      action: 'granted',
      tier: 'express_written',
      channel: 'simulator',
      method: 'web_form',
      purpose: 'transactional',
      evidence: 'Ticked the box on the sign-up page.',
    });
  }
  const template = await post('/api/templates', {
    name: 'Axe',
    purpose: 'transactional',
    variants: [{ body: 'Your glasses are ready.' }, { body: 'Your glasses are here.' }],
  });
  const campaign = await post('/api/campaigns', {
    name: 'Axe',
    audience: { filter: { field: 'phone_number', op: 'is', value: numbers } },
    steps: [{ template_id: template.id }, { template_id: template.id, wait_minutes: 1440, condition: 'not_replied' }],
  });
  await page.goto(`/admin/campaigns/${campaign.id}`);
  await page.getByRole('button', { name: 'Dry run' }).click();
  await expect(page.getByTestId('dry-run')).toBeVisible();
  await check(page);
  await post(`/api/campaigns/${campaign.id}/start`, {});
  await page.reload();
  await expect(page.getByTestId('target')).toHaveCount(2);
  await check(page);
  await post(`/api/campaigns/${campaign.id}/cancel`, {});
  await page.request.post(`/api/templates/${template.id}/archive`, { headers });
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

test('A sender, and the form for its account: no axe violations', async ({ page }) => {
  const headers = { origin: new URL(serverUrl).origin };
  const address = `+1669555${String(1000 + Math.floor(Math.random() * 8999))}`;
  const made = await page.request.post('/api/senders', {
    headers,
    data: { channel: 'sms', address, display_name: 'Axe' },
  });
  const { id } = (await made.json()) as { id: string };
  try {
    await page.goto(`/admin/senders/${id}`);
    await expect(page.getByRole('heading', { level: 2, name: 'Twilio account' })).toBeVisible();
    await check(page);
    await page.getByRole('button', { name: 'Use another account' }).click();
    await expect(page.getByRole('dialog').getByLabel('Account SID')).toBeVisible();
    await check(page);
  } finally {
    await page.request.delete(`/api/senders/${id}`, { headers });
  }
});

test('A form for a template: no axe violations', async ({ page }) => {
  await page.goto('/admin/whatsapp-templates');
  await page.getByRole('button', { name: 'New template' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Text').fill('Hi {{1}}');
  await form.getByRole('button', { name: 'Add template' }).click();
  await expect(form.getByText('HX and 32 hexadecimal digits')).toBeVisible();
  await check(page);
});

test('A number that was checked: no axe violations', async ({ page }) => {
  await page.goto('/admin/quiet-hours');
  await page.getByLabel('Phone number').fill('(205) 555-0101');
  await page.getByLabel('At (your clock)').fill('2026-06-14T15:00');
  await page.getByRole('button', { name: 'Check' }).click();
  await expect(page.getByTestId('quiet-hours-result')).toBeVisible();
  await check(page);
});

test('The time machine: no axe violations', async ({ page }) => {
  const headers = { origin: new URL(serverUrl).origin };
  const mode = (simulation: boolean) => page.request.put('/api/simulator/mode', { headers, data: { simulation } });
  expect((await mode(true)).ok()).toBe(true);
  try {
    await page.request.put('/api/simulator/clock', { headers, data: { advance_seconds: 86_400 } });
    await page.request.post('/api/simulator/faults', { headers, data: { kind: 'late', after_seconds: 60, times: 1 } });
    await page.request.post('/api/simulator/messages', { headers, data: { from: '+14155550101', body: 'hello' } });
    await page.goto('/admin/simulator?from=%2B14155550101');
    await expect(page.getByTestId('clock-banner')).toBeVisible();
    await expect(page.getByTestId('fault').first()).toBeVisible();
    await expect(page.getByTestId('carrier-event').first()).toBeVisible();
    await check(page);
  } finally {
    await mode(false);
  }
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
