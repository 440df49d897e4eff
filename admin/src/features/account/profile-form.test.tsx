import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { meOptions } from '@/api/session';
import { mockFetch } from '@/test/fetch';
import { ProfileForm } from './profile-form';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Profile() {
  const user = useQuery(meOptions).data?.user;
  return user ? <ProfileForm live={user} /> : null;
}

it('keeps the number that is refused, and does not take its own half of a save for somebody else’s', async () => {
  let user = { id: 'u1', display_name: 'Maya', email: null, phone_number: null, version: 3 };
  let accepts = false;
  const requests = mockFetch({
    'GET /api/admin/auth/me': () => ({ body: { user } }),
    'PUT /api/auth/me': () => {
      user = { ...user, display_name: 'Maya Ortiz', version: 4 };
      return { body: { user } };
    },
    'PUT /api/auth/me/phone': async (request) => {
      const errors = [{ field: 'phone_number', code: 'phone', message: 'must be a phone number' }];
      if (!accepts) return { status: 422, body: { code: 'invalid_request', errors } };
      user = { ...user, ...(await request.json()), version: 5 };
      return { body: { user } };
    },
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <Profile />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const field = (label: string) => screen.getByLabelText(label) as HTMLInputElement;
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: 'Maya Ortiz' } });
  fireEvent.change(field('Phone number'), { target: { value: 'twelve' } });
  fireEvent.click(screen.getByText('Save'));
  expect(await screen.findByText('This must be a phone number.')).toBeTruthy();
  expect(field('Phone number').value).toBe('twelve');
  expect(screen.queryByTestId('conflict')).toBeNull();

  accepts = true;
  fireEvent.change(field('Phone number'), { target: { value: '+14155550199' } });
  fireEvent.click(screen.getByText('Save'));
  await waitFor(() => expect((screen.getByText('Save').closest('button') as HTMLButtonElement).disabled).toBe(true));
  expect(field('Phone number').value).toBe('+14155550199');
  expect(screen.queryByTestId('conflict')).toBeNull();
  const changes = requests.filter((r) => r.method === 'PUT').map((r) => new URL(r.url).pathname);
  expect(changes).toEqual(['/api/auth/me', '/api/auth/me/phone', '/api/auth/me/phone']);
  expect(requests.find((r) => r.method === 'PUT')?.headers.get('if-match')).toBe('"3"');
});
