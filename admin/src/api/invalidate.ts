import type { QueryClient } from '@tanstack/react-query';

/** A booking, cancellation or move shows in all of these. */
const TOUCHED_BY_BOOKINGS = ['/api/appointments', '/api/slots', '/api/analytics/dashboard'];

export function bookingsChanged(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: ({ queryKey }) => TOUCHED_BY_BOOKINGS.includes(String(queryKey[1])) });
}
