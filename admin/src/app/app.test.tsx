import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { mockFetch } from '@/test/fetch';
import { App } from './providers';
import { createApp } from './router';

const me = {
  user: { id: 'u1', username: 'admin', display_name: 'Maya Ortiz', role: 'owner' },
  organization: { id: 'o1', name: 'Harbor Street Dental', timezone: 'America/Los_Angeles', support_phone_number: null },
  via: 'session',
};
const signedOut = { status: 401, body: { code: 'unauthenticated', status: 401 } };
const empty = { body: { items: [], next_cursor: null } };

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function open(path: string) {
  window.history.replaceState(null, '', path);
  const app = createApp();
  render(<App {...app} />);
  return app.router;
}

it('sends a stranger to the sign-in page, and back after signing in', async () => {
  let known = false;
  const requests = mockFetch({
    'GET /api/admin/auth/me': () => (known ? { body: me } : signedOut),
    'POST /api/admin/auth/login': () => {
      known = true;
      return { body: me };
    },
    'GET /api/jobs': empty,
  });
  const router = open('/admin/jobs?state=queued');
  expect(await screen.findByRole('heading', { name: 'Sign in' }, { timeout: 5000 })).toBeTruthy();
  expect(router.state.location.search).toEqual({ return: '/jobs?state=queued' });

  fireEvent.change(screen.getByLabelText('Username'), { target: { value: 'admin' } });
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: 'secret' } });
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));

  expect(await screen.findByText('Nothing is queued', {}, { timeout: 5000 })).toBeTruthy();
  const login = requests.find((r) => r.method === 'POST');
  expect(await login?.json()).toEqual({ username: 'admin', password: 'secret' });
});

it('goes to the sign-in page when any request finds the session gone', async () => {
  mockFetch({ 'GET /api/admin/auth/me': { body: me }, 'GET /api/jobs': signedOut });
  const router = open('/admin/jobs');
  await waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'), { timeout: 5000 });
});

it('shows what failed, and recovers by trying again', async () => {
  let broken = true;
  mockFetch({
    'GET /api/admin/auth/me': { body: me },
    'GET /api/jobs': () =>
      broken ? { status: 403, body: { code: 'forbidden', detail: 'Your role may not see jobs.' } } : empty,
  });
  open('/admin/jobs');
  expect(await screen.findByText('Your role may not see jobs.', {}, { timeout: 5000 })).toBeTruthy();
  broken = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('No dead jobs', {}, { timeout: 5000 })).toBeTruthy();
});

it('says how long to wait after too many attempts', async () => {
  mockFetch({
    'GET /api/admin/auth/me': signedOut,
    'POST /api/admin/auth/login': {
      status: 429,
      body: { code: 'too_many_attempts' },
      headers: { 'retry-after': '90' },
    },
  });
  open('/admin/sign-in');
  fireEvent.change(await screen.findByLabelText('Username'), { target: { value: 'admin' } });
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: 'wrong' } });
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText('Wait 2 minutes, then try again.')).toBeTruthy();
  expect((screen.getByRole('button', { name: 'Sign in' }) as HTMLButtonElement).disabled).toBe(true);
});
