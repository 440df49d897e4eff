import { expect, newPerson, say, shownNumber, test } from './support';

test('a new service gets hours, slots and an appointment that moves', async ({ page }) => {
  const mark = Date.now().toString(36);
  const [service, provider] = [`Fitting ${mark}`, `Room ${mark}`];
  const number = await newPerson(page);
  await say(page, 'hello');
  await expect(page.getByTestId('phone-thread').getByTestId('message-outbound').first()).toBeVisible();

  await page.goto('/admin/services');
  await page.getByRole('link', { name: 'New service' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByLabel('Name').fill(service);
  await drawer.getByLabel('Duration').fill('60');
  await drawer.getByRole('button', { name: 'Add service' }).click();
  await expect(page.getByTestId('service-row').filter({ hasText: service })).toContainText('60 minutes');
  await page.getByRole('link', { name: 'New provider' }).click();
  await drawer.getByLabel('Name').fill(provider);
  await drawer.getByRole('button', { name: 'Add provider' }).click();
  await expect(page.getByTestId('provider-row').filter({ hasText: provider })).toBeVisible();

  // Every day from nine to noon: three slots a day, for as long as anybody looks ahead.
  await page.goto('/admin/availability?hours=new');
  const choose = async (label: string, option: string) => {
    await drawer.getByRole('combobox', { name: label }).fill(option);
    await page.getByRole('option', { name: option }).click();
  };
  await choose('Service', service);
  await choose('Provider', provider);
  await drawer.getByRole('checkbox', { name: 'Sat' }).check();
  await drawer.getByRole('checkbox', { name: 'Sun' }).check();
  await drawer.getByLabel('To').fill('12:00');
  await drawer.getByRole('button', { name: 'Add hours' }).click();
  await expect(page.getByTestId('hours-row').filter({ hasText: service })).toContainText('Every day, 09:00 – 12:00');

  await page.goto('/admin/appointments?book=new');
  await drawer.getByRole('combobox', { name: 'Contact' }).fill(number.slice(-10));
  await page.getByRole('option', { name: shownNumber(number) }).click();
  await choose('Service', service);
  await drawer.getByTestId('open-time').first().press('Space');
  await drawer.getByRole('button', { name: 'Book', exact: true }).click();
  await expect(drawer).toBeHidden();
  const row = page.getByTestId('appointment-row').filter({ hasText: service });
  await expect(row).toHaveAttribute('data-status', 'confirmed');

  await row.getByRole('button', { name: /^Details of/ }).click();
  await drawer.getByLabel('Note').fill(`Left foot only (${mark})`);
  await drawer.getByRole('button', { name: 'Save note' }).click();
  await expect(drawer.getByRole('button', { name: 'Save note' })).toBeHidden();
  await drawer.getByRole('link', { name: 'Another time' }).click();
  await drawer.getByTestId('open-time').last().press('Space');
  await drawer.getByRole('button', { name: 'Move to this time' }).click();
  await expect(drawer).toBeHidden();
  await page
    .getByTestId('appointment-row')
    .filter({ hasText: service })
    .getByRole('button', { name: /^Details/ })
    .click();
  await expect(drawer.getByTestId('booking-event')).toHaveCount(2);
  await expect(drawer.getByTestId('booking-event').last()).toContainText('Moved by');
  await expect(drawer.getByLabel('Note')).toHaveValue(`Left foot only (${mark})`);

  // What is used is not deleted, and says why.
  await page.goto('/admin/services');
  await page.getByRole('button', { name: `Delete “${service}”` }).click();
  await drawer.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('It has slots or weekly hours')).toBeVisible();

  // Hours once more, previewed before they are made; then everything free goes again.
  await page.goto('/admin/slots');
  await page.getByRole('button', { name: 'Change slots' }).click();
  await page.getByRole('menuitem', { name: 'Make from weekly hours' }).click();
  await choose('Service', service);
  await choose('Provider', provider);
  await drawer.getByLabel('From').fill('14:00');
  await drawer.getByLabel('To').fill('15:00');
  await drawer.getByRole('button', { name: 'Preview' }).click();
  await expect(drawer.getByTestId('preview')).toContainText('new slots');
  await drawer.getByRole('button', { name: 'Make slots' }).click();
  await expect(drawer).toBeHidden();
  await page.goto('/admin/availability');
  await page
    .getByTestId('hours-row')
    .filter({ hasText: service })
    .getByRole('button', { name: /^Delete/ })
    .click();
  await drawer.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByTestId('hours-row').filter({ hasText: service })).toBeHidden();
});

test('two people edit the same weekly hours, and the page that learns of it saves over nothing', async ({ page }) => {
  const mark = Date.now().toString(36);
  const add = async (path: string, data: object) => {
    const made = await page.request.post(`/api/${path}`, { data });
    expect(made.status()).toBe(201);
    return made.json();
  };
  const service = await add('services', { name: `Polish ${mark}`, duration_minutes: 60 });
  const provider = await add('providers', { name: `Chair ${mark}`, timezone: 'America/Los_Angeles' });
  const { rule: hours } = await add('availability', {
    service_id: service.id,
    provider_id: provider.id,
    weekdays: ['monday'],
    from: '09:00',
    to: '12:00',
  });
  const stored = async () => (await page.request.get(`/api/availability/${hours.id}`)).json();
  // What the query library takes for somebody coming back to the tab.
  const lookAgain = () => page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));

  await page.goto(`/admin/availability?hours=${hours.id}`);
  const drawer = page.getByRole('dialog');
  await drawer.getByLabel('Days ahead').fill('21');
  expect((await page.request.patch(`/api/availability/${hours.id}`, { data: { to: '13:00' } })).ok()).toBe(true);
  await lookAgain();
  await expect(drawer.getByTestId('conflict')).toBeVisible();
  await drawer.getByRole('button', { name: 'Save' }).click();
  await expect(drawer.getByText('Somebody else changed this meanwhile.')).toBeVisible();
  expect(await stored()).toMatchObject({ to: '13:00', horizon_days: 60 });

  await drawer.getByRole('button', { name: 'Load again' }).click();
  await expect(drawer.getByTestId('conflict')).toBeHidden();
  await expect(drawer.getByLabel('To')).toHaveValue('13:00');
  await drawer.getByLabel('Days ahead').fill('21');
  await drawer.getByRole('button', { name: 'Save' }).click();
  await expect(drawer).toBeHidden();
  expect(await stored()).toMatchObject({ to: '13:00', horizon_days: 21 });

  for (const path of [`availability/${hours.id}`, `services/${service.id}`, `providers/${provider.id}`])
    expect((await page.request.delete(`/api/${path}`)).ok(), path).toBe(true);
});
