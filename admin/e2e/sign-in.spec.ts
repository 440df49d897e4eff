import { expect, test } from '@playwright/test';
import { credentials, signIn } from './support';

test('signs in and comes back to the page that was asked for', async ({ page }) => {
  await page.goto('/admin/appointments?when=past');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signIn(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Appointments' })).toBeVisible();
  expect(new URL(page.url()).searchParams.get('when')).toBe('past');
});

test('signs out', async ({ page }) => {
  await page.goto('/admin/');
  await signIn(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();
  await page.getByTestId('user-menu').click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/admin/contacts');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('says what is wrong with a wrong password', async ({ page }) => {
  await page.goto('/admin/');
  await signIn(page, `${credentials.password}-wrong`);
  await expect(page.getByRole('alert')).toContainText('That username and password don’t match');
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  await expect(page).toHaveURL(/\/admin\/sign-in/);
});
