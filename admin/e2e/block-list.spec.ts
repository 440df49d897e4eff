import { expect, test } from './support';

/** Numbers of an area code nobody else here has, new with each run. */
const fresh = (n: number) => `+1646555${String((Date.now() + n) % 10_000).padStart(4, '0')}`;

test('a list is looked at, brought in, and taken back', async ({ page }) => {
  const [one, two] = [fresh(1), fresh(2)];
  const name = `Registry ${one.slice(-4)}`;
  await page.goto('/admin/suppressions');
  await page.getByRole('button', { name: 'Import a list' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a list' });
  await dialog.getByLabel('Numbers').fill(`phone,reason\n${one},Asked by letter\n${two},\n${one},\nnobody,\n`);
  await dialog.getByLabel('What list this is').fill(name);
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  const preview = dialog.getByTestId('import-preview');
  await expect(preview).toContainText('2 numbers to add');
  await expect(preview).toContainText('1 repeated');
  await expect(preview).toContainText('1 without a number');
  // Another text is looked at anew.
  await dialog.getByLabel('Numbers').fill(`${one}\n${two}\n`);
  await expect(preview).toBeHidden();
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByRole('button', { name: 'Block 2 numbers' }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByTestId('suppression').filter({ hasText: `555 ${one.slice(-4)}` });
  await expect(row).toContainText('On a list');

  await page.getByRole('tab', { name: 'Imported lists' }).click();
  const list = page.getByTestId('suppression-list').filter({ hasText: name });
  await expect(list).toContainText('2 added, 2 in force');
  await list.getByRole('link', { name }).click();
  await expect(page.getByTestId('suppression')).toHaveCount(2);
  await page.getByRole('tab', { name: 'Imported lists' }).click();
  await list.getByRole('button', { name: /^Take back/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
  await expect(list).toContainText('Taken back');
  await page.getByRole('tab', { name: 'Numbers' }).click();
  await expect(row).toBeHidden();
});

test('a number is blocked until a day, and for every organization', async ({ page }) => {
  const [one, two] = [fresh(11), fresh(12)];
  await page.goto('/admin/suppressions');
  await page.getByRole('button', { name: 'Block a number' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Phone number').fill(one);
  await dialog.getByLabel('Reason').fill('Until the fair is over');
  await dialog.getByLabel('Until').fill('2099-12-31');
  await dialog.getByRole('button', { name: 'Block' }).click();
  await expect(page.getByTestId('suppression').filter({ hasText: one.slice(-4) })).toContainText('Until');

  await page.getByRole('tab', { name: 'All organizations' }).click();
  await page.getByRole('button', { name: 'Block for everybody' }).click();
  await dialog.getByLabel('Phone number').fill(two);
  await dialog.getByLabel('Reason').fill('Sues over every text');
  await dialog.getByRole('button', { name: 'Block for everybody' }).click();
  const row = page.getByTestId('installation-suppression').filter({ hasText: two.slice(-4) });
  await expect(row).toContainText('Sues over every text');
  await row.getByRole('button', { name: /^Lift/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Lift it' }).click();
  await expect(row).toBeHidden();
});

test('consent names what was disclosed, and is taken out as evidence', async ({ page }) => {
  const number = fresh(21);
  const program = `News ${number.slice(-4)}`;
  await page.goto('/admin/disclosures');
  await page.getByRole('button', { name: 'New disclosure' }).click();
  const form = page.getByRole('dialog', { name: 'New disclosure' });
  await form.getByLabel('Program').fill(program);
  await form.getByLabel('In whose name').fill('Maple Street Studio');
  await form.getByLabel('Exact text').fill('I agree to get promotional texts. Reply STOP to end.');
  await form.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByTestId('disclosure').filter({ hasText: program })).toContainText('version 1');

  const made = await page.request.post('/api/contacts', { data: { phone_number: number } });
  const contact = await made.json();
  await page.goto(`/admin/contacts/${contact.id}`);
  await page.getByRole('button', { name: 'Record consent' }).click();
  const dialog = page.getByRole('dialog', { name: 'Record consent' });
  await dialog.getByRole('combobox', { name: 'What they said' }).click();
  await page.getByRole('option', { name: 'Agreed in writing' }).click();
  await dialog.getByRole('combobox', { name: 'For' }).click();
  await page.getByRole('option', { name: 'Promotions' }).click();
  await dialog.getByRole('combobox', { name: 'What they were told' }).click();
  await page.getByRole('option', { name: `${program}, version 1` }).click();
  await dialog.getByLabel('Where from').fill('Spring fair');
  await dialog.getByLabel('Evidence').fill('Ticked the box and signed.');
  await dialog.getByRole('button', { name: 'Record consent' }).click();
  const line = page.getByTestId('consent-line');
  await expect(line).toContainText('Promotions');
  await expect(line).toContainText(`${program}, version 1`);
  await expect(line).toContainText('Spring fair');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Evidence' }).click();
  expect((await download).suggestedFilename()).toBe(`consent-${contact.id}.zip`);
});
