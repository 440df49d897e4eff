import { expect, test } from './support';

/** Numbers of an area code nobody else here has, new with each run. */
const fresh = (n: number) => `646555${String((Date.now() + n) % 10_000).padStart(4, '0')}`;

const list = (text: string) => ({ name: `list-${Date.now()}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) });

test('a file is brought, looked at, taken in, and taken back', async ({ page }) => {
  const [one, two] = [fresh(1), fresh(2)];
  await page.goto('/admin/contacts');
  await page.getByRole('link', { name: 'Import' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import contacts' })).toBeVisible();
  const file = list(
    `Nombre;Apellidos;Celular;Perro\nAna;Ortiz;${one};Rex\nBen;Peña;${two};\nAna;;${one};\nEva;;nobody;\n`,
  );
  await page.locator('input[type=file]').setInputFiles(file);
  await expect(page.getByRole('heading', { level: 1, name: file.name })).toBeVisible();
  const counts = page.getByTestId('import-counts');
  await expect(counts).toContainText('2 new');
  await expect(counts).toContainText('1 twice in the file');
  await expect(counts).toContainText('1 not taken in');
  await expect(page.getByLabel('Use Celular as')).toHaveValue('phone_number');
  // What is not known is something of one's own; without a number nothing can be started.
  await page.getByLabel('Use Perro as').selectOption('custom');
  await page.getByLabel('Use Celular as').selectOption('ignore');
  await expect(page.getByText('one column must be the phone number')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Import \d+ rows/ })).toBeDisabled();
  await page.getByLabel('Use Celular as').selectOption('phone_number');
  await expect(counts).toContainText('2 new');
  await page.getByRole('combobox', { name: 'Tags for all of them' }).fill('spring fair');
  await page.getByRole('combobox', { name: 'Tags for all of them' }).press('Enter');
  await page.getByRole('switch', { name: /They agreed to be texted/ }).click();
  await page.getByLabel('Evidence').fill('Sheets 1 to 40 of the fair');
  await page.getByLabel('When').fill('2024-03-08');
  await page.getByRole('button', { name: 'Import 4 rows' }).click();

  await expect(page.getByTestId('import-created')).toHaveText('2');
  await expect(page.getByTestId('import-invalid')).toHaveText('1');
  await expect(page.getByTestId('import-consent_given')).toHaveText('2');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Rows with errors' }).click();
  expect((await download).suggestedFilename()).toMatch(/^import-.*-errors\.csv$/);
  const found = await page.request.get(`/api/contacts?phone_number=%2B1${one}`);
  const [ana] = (await found.json()).items;
  expect(ana).toMatchObject({
    first_name: 'Ana',
    tags: ['spring fair'],
    custom: { Perro: 'Rex' },
    opt_in_status: 'opted_in',
  });

  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
  await expect(page.getByTestId('import-undone_deleted')).toHaveText('2');
  await page.getByRole('link', { name: 'Import contacts' }).click();
  await expect(page.getByTestId('import').filter({ hasText: file.name })).toContainText('Taken back');
});

test('what is no list is refused, and what waits can be thrown away', async ({ page }) => {
  await page.goto('/admin/contacts/imports');
  const picture = {
    name: 'picture.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  };
  await page.locator('input[type=file]').setInputFiles(picture);
  await expect(page.getByRole('alert')).toContainText('is not text');
  const file = list(`phone\n${fresh(9)}\n`);
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: 'Throw the file away' }).click();
  await expect(page.getByText('Stopped').first()).toBeVisible();
});

test('the contacts that are shown go out as a file', async ({ page }) => {
  await page.goto('/admin/contacts?stage=customer');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export' }).click();
  expect((await download).suggestedFilename()).toBe('contacts.csv');
});
