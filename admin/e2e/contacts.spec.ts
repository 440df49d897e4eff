import { expect, test } from './support';

/** A number of an area code the simulator does not take people from, new with each run. */
const freshNumber = () => `+1212555${String(Date.now() % 10_000).padStart(4, '0')}`;

test('a contact is added, agrees, is texted, and their conversation is assigned and put away', async ({ page }) => {
  const number = freshNumber();
  const name = `Ana ${number.slice(-4)}`;
  await page.goto('/admin/contacts');
  await page.getByRole('button', { name: 'New contact' }).click();
  const drawer = page.getByRole('dialog', { name: 'New contact' });
  await drawer.getByLabel('Phone number').fill(number.replace('+1212', '(212) '));
  await drawer.getByLabel('First name').fill(name.split(' ')[0] ?? '');
  await drawer.getByLabel('Last name').fill(name.split(' ')[1] ?? '');
  await drawer.getByLabel('Tags').fill('VIP');
  await drawer.getByLabel('Tags').press('Enter');
  await drawer.getByRole('button', { name: 'Add an attribute' }).click();
  await drawer.getByLabel('Name of attribute 1').fill('Dog');
  await drawer.getByLabel('Value of attribute 1').fill('Rex');
  await drawer.getByRole('button', { name: 'Add contact' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByTestId('opt-in')).toHaveAttribute('data-state', 'pending');
  await expect(page.getByText('Rex')).toBeVisible();

  // Nobody is texted who never agreed; what was typed stays.
  const composer = page.getByRole('textbox', { name: 'Text this contact' });
  await composer.fill('Your order is ready.');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('Record their consent first')).toBeVisible();
  await expect(composer).toHaveValue('Your order is ready.');

  await page.getByRole('button', { name: 'Record consent' }).click();
  const dialog = page.getByRole('dialog', { name: 'Record consent' });
  await dialog.getByRole('combobox', { name: 'Channel' }).click();
  await page.getByRole('option', { name: 'Simulator' }).click();
  await dialog.getByLabel('Evidence').fill('Agreed on the phone to be told when the order is ready.');
  await dialog.getByRole('button', { name: 'Record consent' }).click();
  await expect(page.getByTestId('consent-line')).toContainText('By phone or in person');
  await expect(page.getByTestId('opt-in')).toHaveAttribute('data-state', 'opted_in');

  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByTestId('message-outbound')).toContainText('Your order is ready.');
  await expect(composer).toHaveValue('');

  // Whoever texts takes the conversation over; it can be given away and put away.
  await page.goto(`/admin/conversations?q=${number.slice(-4)}`);
  await page.getByTestId('conversation-row').filter({ hasText: name }).click();
  await expect(page.getByTestId('conversation-mode')).toHaveAttribute('data-state', 'human');
  await expect(page.getByTestId('assignee')).toBeVisible();
  await page.getByRole('button', { name: 'Assign or archive' }).click();
  await page.getByRole('menuitem', { name: /^Take from/ }).click();
  await expect(page.getByTestId('assignee')).toBeHidden();
  await page.getByRole('button', { name: 'Assign or archive' }).click();
  await page.getByRole('menuitem', { name: 'Assign to me' }).click();
  await expect(page.getByTestId('assignee')).toBeVisible();
  await page.getByRole('button', { name: 'Assign or archive' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(page.getByTestId('archived')).toBeVisible();
  await expect(page.getByTestId('conversation-row').filter({ hasText: name })).toBeHidden();
  await page.getByText('Archived', { exact: true }).first().click();
  await expect(page.getByTestId('conversation-row').filter({ hasText: name })).toBeVisible();
});

test('two people edit one contact, and the second is told', async ({ page }) => {
  const made = await page.request.post('/api/contacts', { data: { phone_number: freshNumber(), first_name: 'Bo' } });
  expect(made.status()).toBe(201);
  const contact = await made.json();
  await page.goto(`/admin/contacts/${contact.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const drawer = page.getByRole('dialog', { name: 'Edit contact' });
  await drawer.getByLabel('First name').fill('Bob');
  await page.request.patch(`/api/contacts/${contact.id}`, { data: { last_name: 'Meanwhile' } });
  await drawer.getByRole('button', { name: 'Save' }).click();
  await expect(drawer.getByTestId('conflict')).toBeVisible();
  await drawer.getByRole('button', { name: 'Load again' }).click();
  await expect(drawer.getByLabel('Last name')).toHaveValue('Meanwhile');
  await drawer.getByLabel('First name').fill('Bob');
  await drawer.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Bob Meanwhile' })).toBeVisible();
});

test('a number is blocked and the block is lifted', async ({ page }) => {
  const number = freshNumber();
  await page.goto('/admin/suppressions');
  await page.getByRole('button', { name: 'Block a number' }).click();
  const dialog = page.getByRole('dialog', { name: 'Block a number' });
  await dialog.getByLabel('Phone number').fill(number);
  await dialog.getByLabel('Reason').fill('Asked by phone not to be contacted');
  await dialog.getByRole('button', { name: 'Block' }).click();
  const row = page.getByTestId('suppression').filter({ hasText: number.slice(-4) });
  await expect(row).toContainText('Blocked by staff');
  await row.getByRole('button', { name: 'Lift' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Lift it' }).click();
  await expect(row).toBeHidden();
});

test('a sender is added, renamed and removed', async ({ page }) => {
  const number = freshNumber();
  const row = page.getByTestId('sender').filter({ hasText: number.slice(-4) });
  await page.goto('/admin/senders');
  await page.getByRole('button', { name: 'New sender' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Number').fill(number);
  await dialog.getByLabel('Name').fill('Second line');
  await dialog.getByRole('button', { name: 'Add sender' }).click();
  await expect(row).toContainText('Second line');
  await row.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Name').fill('Back office');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('Back office');
  await row.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toBeHidden();
});
