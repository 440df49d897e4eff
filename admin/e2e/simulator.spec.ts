import { expect, newPerson, say, shownNumber, test } from './support';

test('a text becomes an appointment that every page knows', async ({ page }) => {
  const number = await newPerson(page);
  const state = page.getByTestId('conversation-state');
  const phone = page.getByTestId('phone-thread');
  const replies = phone.getByTestId('message-outbound');

  await say(page, 'can I come in tomorrow afternoon?');
  await expect(phone.getByTestId('message-inbound').first()).toContainText('can I come in tomorrow afternoon?');
  await expect(state).toHaveAttribute('data-state', 'showing_slots');
  const offers = page.getByTestId('offer');
  await expect(offers.nth(1)).toBeVisible();
  const time = (await offers.nth(1).locator('strong').textContent()) ?? '';
  await expect(replies.last()).toContainText(/\b2[.):]/);

  await say(page, 'the second one');
  await expect(state).toHaveAttribute('data-state', 'confirming_booking');

  await say(page, 'yes');
  await expect(replies.last()).toContainText(/booked/i);
  await expect(state).toHaveAttribute('data-state', 'idle');
  const booked = page.getByTestId('appointment-row');
  await expect(booked).toHaveCount(1);
  await expect(booked).toContainText(time);
  await expect(booked).toHaveAttribute('data-status', 'confirmed');

  // What the API says was booked, to find it again on the other pages.
  const appointments = await page.request.get('/api/appointments?limit=200');
  const mine = (
    (await appointments.json()) as {
      items: { slot_id: string; service_id: string; start_time: string; contact: { phone_number: string } }[];
    }
  ).items.find((a) => a.contact.phone_number === number);
  if (!mine) throw new Error(`no appointment for ${number}`);

  const shown = shownNumber(number);
  await page.goto('/admin/appointments');
  await expect(page.getByTestId('appointment-row').filter({ hasText: shown })).toContainText(time);

  // Any day of the week will do: the page goes to its Monday. A day off by the zone at a week's edge is caught by the click below.
  const week = await page.evaluate(
    async ([start]) => {
      const me = await (await fetch('/api/admin/auth/me')).json();
      return new Intl.DateTimeFormat('en-CA', { timeZone: me.organization.timezone }).format(new Date(start ?? ''));
    },
    [mine.start_time],
  );
  await page.goto(`/admin/slots?service=${mine.service_id}&week=${week}`);
  const slot = page.locator(`[data-slot-id="${mine.slot_id}"]`);
  await expect(slot).toHaveAttribute('data-slot', 'full');
  await slot.click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByTestId('slot-state')).toHaveText('Taken');
  await expect(drawer.getByTestId('appointment-row')).toContainText(shown);

  // Staff give the time back.
  await drawer.getByRole('button', { name: /^Cancel / }).click();
  await page.getByRole('button', { name: 'Cancel appointment' }).click();
  await expect(drawer.getByTestId('slot-state')).toHaveText('Free');
});
