import { expect, test } from './support';

test('a role, an invitation and a key are made, the key works, and the log tells of it all', async ({
  page,
  request,
}) => {
  const mark = Date.now().toString(36);
  const role = `Evening ${mark}`;
  const key = `Website ${mark}`;

  await page.goto('/admin/staff?tab=roles');
  await page.getByRole('link', { name: 'New role' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByLabel('Name').fill(role);
  await drawer.getByRole('checkbox', { name: 'See contacts and their consent.' }).check();
  await drawer.getByRole('button', { name: 'Make role' }).click();
  await expect(drawer).toBeHidden();
  await expect(page.getByTestId('role').filter({ hasText: role })).toContainText('1 permission · 0 members');

  await page.getByRole('button', { name: 'Invite' }).click();
  const invite = page.getByRole('dialog', { name: 'Invite somebody' });
  await invite.getByLabel('E-mail address').fill(`${mark}@example.com`);
  await invite.getByRole('combobox', { name: 'Role' }).click();
  await page.getByRole('option', { name: role }).click();
  await invite.getByRole('button', { name: 'Make the link' }).click();
  await expect(invite.getByTestId('shown-once')).toContainText('/admin/join/');
  await invite.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('tab', { name: 'Invitations' }).click();
  const invitation = page.getByTestId('invitation').filter({ hasText: mark });
  await expect(invitation).toContainText(role);

  // Somebody has the role as long as the invitation is open.
  await page.getByRole('tab', { name: 'Roles' }).click();
  await page.getByRole('button', { name: `Delete ${role}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('Couldn’t delete the role')).toBeVisible();

  await page.goto('/admin/api-keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const maker = page.getByRole('dialog');
  await maker.getByRole('button', { name: 'Make key' }).click();
  await expect(maker.getByText('Choose at least one')).toBeVisible();
  await maker.getByLabel('Name').fill(key);
  await maker.getByRole('checkbox', { name: 'See contacts and their consent.' }).check();
  await maker.getByRole('button', { name: 'Make key' }).click();
  const secret = await maker.getByTestId('shown-once').innerText();
  expect(secret).toMatch(/^fdk_[\w-]{43}$/);
  await maker.getByRole('button', { name: 'Done' }).click();
  const withKey = (path: string) => request.get(path, { headers: { 'x-api-key': secret } });
  expect((await withKey('/api/contacts')).status()).toBe(200);
  expect((await withKey('/api/audit')).status()).toBe(403);
  await page.reload();
  const row = page.getByTestId('api-key').filter({ hasText: key });
  await expect(row).toContainText('contacts.read');
  await expect(row).not.toContainText('never used');
  await row.getByRole('button', { name: `Revoke ${key}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('Revoked');
  expect((await withKey('/api/contacts')).status()).toBe(401);

  // Everything stands in the log, and the file has it too.
  await page.goto('/admin/staff?tab=invitations');
  await invitation.getByRole('button', { name: /Take back/ }).click();
  await expect(invitation).toBeHidden();
  await page.goto('/admin/audit');
  const entries = page.getByTestId('audit-entry');
  await expect(entries.first()).toContainText('Revoked invitation');
  await expect(entries.nth(1)).toContainText('Revoked API key');
  await expect(entries.nth(2)).toContainText('Created API key');
  await entries.nth(1).getByRole('button', { name: 'Details' }).click();
  await expect(entries.nth(1).getByRole('row', { name: /Status/ })).toContainText('active');
  await expect(page.getByRole('main')).not.toContainText(secret);
  await page.getByRole('combobox', { name: 'What' }).click();
  await page.getByRole('option', { name: 'Role' }).click();
  await expect(page).toHaveURL(/kind=role/);
  await expect(entries.first()).toContainText('Created role');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  expect((await download).suggestedFilename()).toBe('audit.csv');
});
