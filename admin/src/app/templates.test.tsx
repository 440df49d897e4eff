import { notifications } from '@mantine/notifications';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { mockFetch } from '@/test/fetch';
import { App } from './providers';
import { createApp } from './router';

const me = {
  user: { id: 'u1', username: 'admin', display_name: 'Maya Ortiz', role: 'admin', role_name: 'Admin' },
  organization: { id: 'o1', name: 'Harbor Street Dental', timezone: 'America/Los_Angeles', support_phone_number: null },
  permissions: ['campaigns.read', 'campaigns.write'],
  via: 'session',
};
const empty = { body: { items: [], next_cursor: null } };

afterEach(() => {
  notifications.clean();
  cleanup();
  vi.unstubAllGlobals();
});

const variant = (more: object) => ({
  key: 'A',
  share: 100,
  text: null,
  preview: null,
  syntax: null,
  fault: null,
  ...more,
});
const looked = (one: object, warnings: object[] = []) => ({
  body: { contact_id: null, recipient: 'Ana Reed', variants: [one], whatsapp: [], warnings, variables: [] },
});

it('writes a template with chips, shows how it reads, and what the server refuses', async () => {
  const requests = mockFetch({
    'GET /api/admin/auth/me': { body: me },
    'GET /api/inbox': { body: {} },
    'GET /api/simulator/clock': { body: { simulation: false } },
    'GET /api/templates': empty,
    'GET /api/whatsapp-templates': empty,
    'GET /api/templates/variables': {
      body: { items: [{ name: 'first_name', meaning: 'First name', missing: 1, looked_at: 2 }] },
    },
    'POST /api/templates/preview': async (request) => {
      const { variants } = (await request.json()) as { variants: { body: string }[] };
      const text = variants[0]?.body ?? '';
      return text.includes('YES')
        ? looked(variant({ text }), [{ code: 'carrier_keyword', variant: 'A', message: 'The carrier keeps YES.' }])
        : looked(variant({ syntax: { message: 'There is no such thing.', position: 0, line: 1, column: 4 } }));
    },
    'POST /api/templates': {
      status: 422,
      body: {
        code: 'carrier_keyword',
        status: 422,
        detail: 'no',
        errors: [{ field: 'variants[0].body', code: 'carrier_keyword', message: 'Ask for C instead.' }],
      },
    },
  });
  window.history.replaceState(null, '', '/admin/templates?template=new');
  render(<App {...createApp()} />);
  const text = (await screen.findByLabelText(
    /^Text/,
    { selector: 'textarea' },
    { timeout: 15_000 },
  )) as HTMLTextAreaElement;
  fireEvent.change(text, { target: { value: 'Hi !' } });
  text.setSelectionRange(3, 3);
  fireEvent.click(await screen.findByText('first_name', {}, { timeout: 5000 }));
  expect(text.value).toBe('Hi {{ first_name | default("there") }}!');
  expect((await screen.findByTestId('template-syntax', {}, { timeout: 5000 })).textContent).toContain(
    'Line 1, column 4: There is no such thing.',
  );

  fireEvent.change(text, { target: { value: 'Reply YES' } });
  expect((await screen.findByTestId('template-text', {}, { timeout: 5000 })).textContent).toBe('Reply YES');
  expect(screen.getByTestId('template-warning').dataset.code).toBe('carrier_keyword');
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: 'Sale' } });
  fireEvent.click(screen.getByText('Add template'));
  expect(await screen.findByText('Ask for C instead.', {}, { timeout: 5000 })).toBeTruthy();
  await waitFor(() => expect(requests.some((r) => r.method === 'POST' && r.url.endsWith('/api/templates'))).toBe(true));
  const sent = (await requests.find((r) => r.url.endsWith('/api/templates') && r.method === 'POST')?.json()) as object;
  expect(sent).toMatchObject({
    name: 'Sale',
    purpose: 'marketing',
    channel: null,
    variants: [{ key: 'A', weight: 1 }],
  });
}, 30_000);
