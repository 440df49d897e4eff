import { defineConfig } from '@playwright/test';
import { serverUrl } from './e2e/server';

/** The journeys run against a real Frontdesk: FRONTDESK_URL, ADMIN_USERNAME, ADMIN_PASSWORD. */
export default defineConfig({
  testDir: './e2e',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.CI ? [['list'], ['html', { open: 'never' }]] : 'list',
  use: {
    baseURL: serverUrl,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    // Half-faded text has no contrast worth measuring.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
