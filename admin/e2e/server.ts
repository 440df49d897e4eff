/** The Frontdesk the journeys run against. */
export const serverUrl = process.env.FRONTDESK_URL ?? 'http://127.0.0.1:8000';
