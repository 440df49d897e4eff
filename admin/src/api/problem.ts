// Everything that can go wrong with a request, as one kind of error that people can read.

type FieldProblem = { field: string; code: string; message: string };

export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(init: {
    status: number;
    code: string;
    message: string;
    requestId?: string | undefined;
    fields?: readonly FieldProblem[];
    retryAfterSeconds?: number | undefined;
  }) {
    super(init.message);
    this.status = init.status;
    this.code = init.code;
    this.requestId = init.requestId;
    this.fields = init.fields ?? [];
    this.retryAfterSeconds = init.retryAfterSeconds;
  }

  field(name: string): string | undefined {
    return this.fields.find((f) => f.field === name)?.message;
  }
}

const SENTENCES: Record<string, string> = {
  address_taken: 'This address can’t be used here: somebody else in this installation has it.',
  already_decided: 'Somebody has decided this already.',
  beyond_own_permissions: 'That goes beyond what you may do yourself.',
  last_admin: 'The organization would have no active admin left. Make somebody else an admin first.',
  last_superuser: 'The installation would have no superuser left. Make somebody else one first.',
  version_conflict: 'Somebody else changed this meanwhile. Load it again to see what they did.',
  bad_origin:
    'The server refused this page’s address. Open the dashboard through the address the server was set up with.',
  contact_blocked: 'This number is on your block list, so nothing can be sent.',
  contact_opted_out: 'This contact asked for no more texts, so nothing can be sent.',
  contact_under_review: 'A doubtful opt-out of this contact is open. Decide it first; until then nothing is sent.',
  email_taken: 'Somebody with that e-mail address has an account already. If it is you, sign in instead.',
  invalid_credentials: 'That username and password don’t match. Check both and try again.',
  no_encryption_key:
    'This installation has no encryption key, so it can’t keep secrets. Set ENCRYPTION_KEY on the server.',
  second_factor_invalid: 'That code doesn’t work. Each code works once: wait for the next one, or use a recovery code.',
  no_consent:
    'They have neither texted on this channel nor agreed to be texted. Record their consent first, then text them.',
  send_refused: 'A rule forbids this text now.',
  no_sender: 'There is no sender to text from on this channel.',
  not_approved: 'WhatsApp has not approved this template.',
  outside_window: 'More than 24 hours have passed since they last wrote by WhatsApp. Send an approved template.',
  not_cancelable: 'Too late: it has left, or may have.',
  username_taken: 'Somebody has that username. Choose another one.',
  hold_expired: 'The place was not confirmed in time, so it is free again. Book it anew.',
  not_started: 'This has not begun yet. Wait until it has, or cancel it.',
  reopen_too_late: 'This is too long ago to take back.',
  slot_closed: 'That time is not offered: it lies on a closed day, or its service or provider is archived.',
  slot_exists: 'There is a slot of this service and provider at that time already.',
  delivery_pending: 'It’s still being tried. Wait until it’s delivered or given up.',
  endpoint_disabled: 'This endpoint is switched off. Switch it on first.',
  slot_past: 'That time has already passed. Choose a later one.',
  slot_taken: 'Someone just took that time. Choose another one.',
  wrong_state: 'Somebody was faster: it is in another state by now.',
  unauthenticated: 'Your session has ended. Sign in again to continue.',
};

function sentenceFor(status: number, code: string, detail: string, retryAfterSeconds: number | undefined): string {
  if (status === 429) return tooManyAttempts(retryAfterSeconds);
  const known = SENTENCES[code];
  if (known) return known;
  if (detail) return detail;
  if (status === 403) return 'You’re not allowed to do that.';
  if (status === 404) return 'We couldn’t find that. It may have been removed.';
  if (status === 502 || status === 503 || status === 504)
    return 'The server isn’t answering right now. Try again in a moment.';
  if (status >= 500) return 'Something went wrong on the server. Try again in a moment.';
  return 'The server couldn’t accept that.';
}

export function tooManyAttempts(seconds: number | undefined): string {
  return `Too many attempts. Try again ${seconds === undefined ? 'in a few minutes' : `in ${formatWait(seconds)}`}.`;
}

export function formatWait(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return whole === 1 ? '1 second' : `${whole} seconds`;
  const minutes = Math.ceil(whole / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

/** Retry-After is either seconds or an HTTP date. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export async function problemFromResponse(response: Response, now: number = Date.now()): Promise<ApiProblem> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const doc = isRecord(body) ? body : {};
  const code = text(doc.code) || (response.status === 401 ? 'unauthenticated' : `http_${response.status}`);
  const retryAfterSeconds = parseRetryAfter(response.headers.get('retry-after'), now);
  const fields = (Array.isArray(doc.errors) ? doc.errors : [])
    .filter(isRecord)
    .map((e) => ({ field: text(e.field), code: text(e.code), message: text(e.message) }));
  return new ApiProblem({
    status: response.status,
    code,
    message: sentenceFor(response.status, code, text(doc.detail) || text(doc.title), retryAfterSeconds),
    requestId: text(doc.request_id) || response.headers.get('x-request-id') || undefined,
    fields,
    retryAfterSeconds,
  });
}

/** What a request ends with that got no answer. */
export const unreachable = () =>
  new ApiProblem({
    status: 0,
    code: 'network',
    message: 'The server can’t be reached. Check your connection and that Frontdesk is running.',
  });

/** Whatever was thrown, as a problem. */
export function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    status: 0,
    code: 'unexpected',
    message: error instanceof Error && error.message ? error.message : 'Something unexpected went wrong.',
  });
}

/** A 401 about what was just sent says nothing of the session. */
const ABOUT_WHAT_WAS_SENT = [
  'invalid_credentials',
  'second_factor_required',
  'second_factor_invalid',
  'invalid_refresh_token',
];

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401 && !ABOUT_WHAT_WAS_SENT.includes(error.code);
}
