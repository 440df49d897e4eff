import { expect, newPerson, say, shownNumber, test } from './support';

test('a text is looked at while it is written: what makes it dear, what it costs, which answers get lost', async ({
  page,
}) => {
  const number = await newPerson(page);
  await say(page, 'hello');
  await expect(page.getByTestId('phone-thread').getByTestId('message-outbound')).toHaveCount(1);
  await page.goto('/admin/conversations');
  await page
    .getByTestId('conversation-row')
    .filter({ hasText: shownNumber(number) })
    .click();

  const composer = page.getByTestId('composer');
  await composer.fill(`It’s ready – come by when you like. ${'We are open until five. '.repeat(3)}`);
  const culprit = page.getByTestId('text-culprit');
  await expect(culprit).toContainText('’ (curly apostrophe), – (long dash) make this 2 SMS instead of 1 SMS');
  await culprit.getByRole('button', { name: 'Use plain characters' }).click();
  await expect(composer).toHaveValue(/^It's ready - come by/);
  await expect(culprit).toBeHidden();
  await expect(page.getByText(/characters, 1 SMS/)).toBeVisible();

  await composer.fill('Reply YES to confirm your visit.');
  await expect(page.getByTestId('text-keyword')).toContainText('“Reply YES to confirm your visit”');
  await expect(page.getByTestId('text-keyword')).toContainText('Reply C to confirm');
  await composer.fill('Reply C to confirm your visit.');
  await expect(page.getByTestId('text-keyword')).toBeHidden();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(
    page.getByRole('region', { name: 'Messages' }).getByText('Reply C to confirm your visit.'),
  ).toBeVisible();
});

test('a picture goes with a text by its address', async ({ page }) => {
  const number = await newPerson(page);
  await say(page, 'hello');
  await expect(page.getByTestId('phone-thread').getByTestId('message-outbound')).toHaveCount(1);
  await page.goto('/admin/conversations');
  await page
    .getByTestId('conversation-row')
    .filter({ hasText: shownNumber(number) })
    .click();
  await page.getByRole('button', { name: 'Attach a picture or file' }).click();
  const send = page.getByRole('button', { name: 'Send', exact: true });
  await page.getByLabel('Address of a picture or file').fill('http://example.com/map.png');
  await expect(send).toBeDisabled();
  await page.getByLabel('Address of a picture or file').fill('https://example.com/map.png');
  await send.click();
  const thread = page.getByRole('region', { name: 'Messages' });
  await expect(thread.getByTestId('message-media').getByRole('link')).toHaveAttribute(
    'href',
    'https://example.com/map.png',
  );
  await expect(page.getByLabel('Address of a picture or file')).toBeHidden();
});

test('an answer that would lose a customer cannot be kept', async ({ page }) => {
  await page.goto('/admin/knowledge');
  await page.getByRole('link', { name: 'New entry' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Title').fill('Cancelling');
  await form.getByLabel('Answer in English').fill('Reply CANCEL to cancel your visit.');
  await form.getByRole('button', { name: /^(Add|Save)/ }).click();
  await expect(form.getByText(/takes this answer for an opt-out and blocks the customer/)).toBeVisible();
});

test('a WhatsApp template is added, changed and deleted', async ({ page }) => {
  const name = `Reminder ${Date.now()}`;
  const sid = `HX${Date.now().toString(16).padStart(32, '0')}`;
  await page.goto('/admin/whatsapp-templates');
  await page.getByRole('button', { name: 'New template' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Content SID').fill('HX12');
  await form.getByLabel('Text').fill('Hi {{1}}, reply YES to confirm {{2}}.');
  await form.getByRole('button', { name: 'Add template' }).click();
  await expect(form.getByText('HX and 32 hexadecimal digits')).toBeVisible();
  await form.getByLabel('Content SID').fill(sid);
  await form.getByRole('button', { name: 'Add template' }).click();
  await expect(form.getByText(/Ask for C or a number instead/)).toBeVisible();
  await form.getByLabel('Text').fill('Hi {{1}}, reply C to confirm {{2}}.');
  await expect(form.getByText('fills in {{1}}, {{2}}')).toBeVisible();
  await form.getByRole('button', { name: 'Add template' }).click();

  const row = page.getByTestId('whatsapp-template').filter({ hasText: name });
  await expect(row).toContainText('Approved');
  await row.getByRole('button', { name: `Edit ${name}` }).click();
  await form.getByLabel('Language').fill('en_US');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('en_US');
  await row.getByRole('button', { name: `Delete ${name}` }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(row).toBeHidden();
});

test('what a text costs is set once and shown to whoever writes one', async ({ page }) => {
  await page.goto('/admin/senders');
  await page.getByLabel('One SMS part').fill('0.0119');
  const save = page.getByRole('button', { name: 'Save prices' });
  if (await save.isEnabled()) await save.click();
  await expect(save).toBeDisabled();
  await page.reload();
  await expect(page.getByLabel('One SMS part')).toHaveValue('0.0119');
});
