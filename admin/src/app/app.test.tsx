import { notifications } from '@mantine/notifications';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { mockFetch } from '@/test/fetch';
import { App } from './providers';
import { createApp } from './router';

const me = {
  user: { id: 'u1', username: 'admin', display_name: 'Maya Ortiz', role: 'admin', role_name: 'Admin' },
  organization: { id: 'o1', name: 'Harbor Street Dental', timezone: 'America/Los_Angeles', support_phone_number: null },
  permissions: ['analytics.read', 'jobs.read', 'contacts.read', 'conversations.read', 'compliance.read'],
  via: 'session',
};
const signedOut = { status: 401, body: { code: 'unauthenticated', status: 401 } };
const empty = { body: { items: [], next_cursor: null } };
const nothingWaits = {
  waiting: 0,
  human: 0,
  open_reviews: 0,
  next_review_due_at: null,
  paused_senders: 0,
  ai_alert: null,
};
const quiet = { body: nothingWaits };

afterEach(() => {
  notifications.clean();
  cleanup();
  vi.unstubAllGlobals();
});

function open(path: string) {
  window.history.replaceState(null, '', path);
  const app = createApp();
  render(<App {...app} />);
  return app;
}

it('sends a stranger to the sign-in page, and back after signing in', async () => {
  let known = false;
  const requests = mockFetch({
    'GET /api/admin/auth/me': () => (known ? { body: me } : signedOut),
    'POST /api/admin/auth/login': () => {
      known = true;
      return { body: me };
    },
    'GET /api/inbox': quiet,
    'GET /api/jobs': empty,
  });
  const { router } = open('/admin/jobs?state=queued');
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
  mockFetch({ 'GET /api/admin/auth/me': { body: me }, 'GET /api/inbox': quiet, 'GET /api/jobs': signedOut });
  const { router } = open('/admin/jobs');
  await waitFor(() => expect(router.state.location.pathname).toBe('/sign-in'), { timeout: 5000 });
});

it('shows what failed, and recovers by trying again', async () => {
  let broken = true;
  mockFetch({
    'GET /api/admin/auth/me': { body: me },
    'GET /api/inbox': quiet,
    'GET /api/jobs': () =>
      broken ? { status: 403, body: { code: 'forbidden', detail: 'Your role may not see jobs.' } } : empty,
  });
  open('/admin/jobs');
  expect(await screen.findByText('Your role may not see jobs.', {}, { timeout: 5000 })).toBeTruthy();
  broken = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('No dead jobs', {}, { timeout: 5000 })).toBeTruthy();
});

it('has one main landmark where the shell is not', async () => {
  mockFetch({ 'GET /api/admin/auth/me': { body: me } });
  open('/admin/not-there');
  expect(await screen.findByRole('heading', { level: 1, name: 'Nothing here' }, { timeout: 5000 })).toBeTruthy();
  expect(screen.getByRole('main').textContent).toContain('Nothing here');
  expect(document.title).toBe('Nothing here · Frontdesk');
});

it('has one main landmark while it finds out who is there, and when it cannot', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  let answer = (_: { status: number; body: object }) => {};
  mockFetch({ 'GET /api/admin/auth/me': () => new Promise((resolve) => (answer = resolve)) });
  open('/admin/jobs');
  const loading = await screen.findByLabelText('Loading', {}, { timeout: 5000 });
  expect(screen.getByRole('main').contains(loading)).toBe(true);
  answer({ status: 500, body: { code: 'internal_error', status: 500 } });
  const heading = await screen.findByRole('heading', { level: 1, name: 'Something went wrong' }, { timeout: 5000 });
  expect(screen.getByRole('main').contains(heading)).toBe(true);
  expect(document.title).toBe('Something went wrong · Frontdesk');
});

it('keeps the shell and its main landmark around a page that breaks', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  mockFetch({
    'GET /api/admin/auth/me': { body: me },
    'GET /api/inbox': quiet,
    'GET /api/jobs': { body: { items: [null], next_cursor: null } },
  });
  open('/admin/jobs');
  const heading = await screen.findByRole('heading', { level: 1, name: 'Something went wrong' }, { timeout: 5000 });
  expect(screen.getByRole('main').contains(heading)).toBe(true);
  expect(screen.getByRole('main').id).toBe('main');
  expect(screen.getByRole('alert').textContent).not.toContain('The server can’t be reached');
});

it('says that the server is out of reach', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  open('/admin/jobs');
  expect(await screen.findByText(/The server can’t be reached/, {}, { timeout: 5000 })).toBeTruthy();
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

it('asks for a code of the second factor, and sends the password again with it', async () => {
  let answer = 'second_factor_required';
  const requests = mockFetch({
    'GET /api/admin/auth/me': signedOut,
    'POST /api/admin/auth/login': () =>
      answer === 'right' ? { body: me } : { status: 401, body: { code: answer, status: 401 } },
    'GET /api/inbox': quiet,
    'GET /api/jobs': empty,
  });
  open('/admin/sign-in?return=/jobs');
  fireEvent.change(await screen.findByLabelText('Username'), { target: { value: 'admin' } });
  fireEvent.change(screen.getByLabelText('Password'), { target: { value: 'secret' } });
  fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  const code = await screen.findByLabelText('Code');
  expect(screen.queryByRole('alert')).toBeNull();

  answer = 'second_factor_invalid';
  fireEvent.change(code, { target: { value: '000000' } });
  fireEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect((await screen.findByRole('alert')).textContent).toMatch(/code doesn’t work/);

  answer = 'right';
  fireEvent.change(screen.getByLabelText('Code'), { target: { value: ' 123456 ' } });
  fireEvent.click(screen.getByRole('button', { name: 'Continue' }));
  await waitFor(() => expect(screen.queryByLabelText('Code')).toBeNull(), { timeout: 5000 });
  const sent = await Promise.all(requests.filter((r) => r.method === 'POST').map((r) => r.json()));
  expect(sent).toEqual([
    { username: 'admin', password: 'secret' },
    { username: 'admin', password: 'secret', code: '000000' },
    { username: 'admin', password: 'secret', code: '123456' },
  ]);
});

it('lets a stranger see an invitation without being sent to sign in', async () => {
  mockFetch({
    'GET /api/admin/auth/me': signedOut,
    'GET /api/auth/invitations/abc': {
      body: {
        organization: 'Oak Lane Dental',
        role_name: 'Operator',
        email: 'olga@example.com',
        expires_at: '2026-12-01T00:00:00Z',
      },
    },
  });
  const { router } = open('/admin/join/abc');
  expect(await screen.findByRole('heading', { name: 'Join Oak Lane Dental' }, { timeout: 5000 })).toBeTruthy();
  expect(screen.getByLabelText('Username')).toBeTruthy();
  expect(router.state.location.pathname).toBe('/join/abc');
});

it('shows how many wait, and announces each new wait once', async () => {
  let waiting: object[] = [];
  const requests = mockFetch({
    'GET /api/admin/auth/me': { body: me },
    'GET /api/inbox': () => ({ body: { ...nothingWaits, waiting: waiting.length, open_reviews: 3 } }),
    'GET /api/conversations': () => ({ body: { items: waiting, next_cursor: null } }),
    'GET /api/jobs': empty,
  });
  const { queryClient } = open('/admin/jobs');
  expect((await screen.findByTestId('badge-reviews', {}, { timeout: 5000 })).textContent).toBe('3, 3 to decide');
  expect(screen.queryByTestId('badge-waiting')).toBeNull();
  await waitFor(() => expect(document.title).toBe('Jobs · Frontdesk'));

  const looks = () => requests.filter((r) => new URL(r.url).pathname === '/api/conversations').length;
  const poll = async () => {
    const before = looks();
    await queryClient.invalidateQueries({ queryKey: ['get', '/api/inbox'] });
    await waitFor(() => expect(looks()).toBeGreaterThan(before));
  };
  waiting = [
    {
      id: 'c1',
      contact: { phone_number: '+14155550102', first_name: 'Dave', last_name: null },
      waiting_since: '2026-11-24T20:00:00Z',
      waiting_reason: 'asked_for_person',
    },
  ];
  await poll();
  expect(await screen.findByText('Dave is waiting')).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Open the conversation' }).getAttribute('href')).toBe(
    '/admin/conversations?id=c1',
  );
  expect(screen.getByTestId('badge-waiting').textContent).toBe('1, 1 person waits');
  expect(document.title).toBe('(1) Jobs · Frontdesk');

  fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  await waitFor(() => expect(screen.queryByText('Dave is waiting')).toBeNull());
  await poll();
  await poll();
  expect(screen.queryByText('Dave is waiting')).toBeNull();
});

it('lets nobody save over what a colleague changed, however fresh the page behind the form is', async () => {
  let stored = { id: 'o1', name: 'Harbor Street Dental', timezone: 'America/Los_Angeles', version: 1 };
  const requests = mockFetch({
    'GET /api/admin/auth/me': { body: { ...me, permissions: ['settings.manage', 'settings.read'] } },
    'GET /api/inbox': quiet,
    'GET /api/organization': () => ({ body: stored }),
    'PATCH /api/organization': async (request) => {
      if (request.headers.get('if-match') !== `"${stored.version}"`)
        return { status: 412, body: { code: 'version_conflict', status: 412 } };
      stored = { ...stored, ...(await request.json()), version: stored.version + 1 };
      return { body: stored };
    },
  });
  open('/admin/organization');
  const name = () => screen.getByLabelText(/^Name/) as HTMLInputElement;
  const save = () => fireEvent.click(screen.getByText('Save settings'));
  const sent = () =>
    Promise.all(
      requests
        .filter((r) => r.method === 'PATCH')
        .map(async (r) => [r.headers.get('if-match'), (await r.clone().json()).name]),
    );
  await waitFor(() => expect(name().value).toBe('Harbor Street Dental'), { timeout: 5000 });

  // A colleague is faster, and this page learns of it only by being refused.
  fireEvent.change(name(), { target: { value: 'Harbor Dental' } });
  stored = { ...stored, name: 'Harbor Street Dentists', version: 2 };
  save();
  expect(await screen.findByTestId('conflict')).toBeTruthy();
  expect(name().value).toBe('Harbor Dental');

  // Refreshed by now, it is still not saved over.
  save();
  await waitFor(async () =>
    expect(await sent()).toEqual([
      ['"1"', 'Harbor Dental'],
      ['"1"', 'Harbor Dental'],
    ]),
  );
  expect(stored.name).toBe('Harbor Street Dentists');

  fireEvent.click(screen.getByText('Load again'));
  await waitFor(() => expect(name().value).toBe('Harbor Street Dentists'));
  expect(screen.queryByTestId('conflict')).toBeNull();
  fireEvent.change(name(), { target: { value: ' Harbor Dental ' } });
  save();
  await waitFor(() => expect(stored.name).toBe('Harbor Dental'));
  await waitFor(() => expect(name().value).toBe('Harbor Dental'));
}, 20_000);
