// Words and colours for every state the API can name. A state we have never heard of shows as itself.

export type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad' | 'accent';
export type Label = { label: string; tone: Tone; hint: string };

function humanize(value: string): string {
  const words = value.replace(/[_.]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function lookup(table: Record<string, Label>, value: string): Label {
  return (
    (Object.hasOwn(table, value) ? table[value] : undefined) ?? { label: humanize(value), tone: 'neutral', hint: '' }
  );
}

const STATES: Record<string, Label> = {
  idle: { label: 'Idle', tone: 'neutral', hint: 'Nothing is pending. The next text starts fresh.' },
  awaiting_info: { label: 'Asking', tone: 'info', hint: 'Waiting for a detail it asked for.' },
  awaiting_report: { label: 'Asking what to report', tone: 'info', hint: 'Waiting for what the contact reports.' },
  showing_slots: { label: 'Offering times', tone: 'accent', hint: 'Waiting for a choice among the offered times.' },
  confirming_booking: { label: 'Confirming booking', tone: 'warn', hint: 'Waiting for a yes to book.' },
  confirming_cancel: { label: 'Confirming cancellation', tone: 'warn', hint: 'Waiting for a yes to cancel.' },
  reschedule_show_slots: {
    label: 'Offering new times',
    tone: 'accent',
    hint: 'Waiting for a choice of a new time for an existing appointment.',
  },
  confirming_reschedule: { label: 'Confirming move', tone: 'warn', hint: 'Waiting for a yes to move the appointment.' },
};

const MESSAGE_STATUS: Record<string, Label> = {
  received: { label: 'Received', tone: 'neutral', hint: 'It reached Frontdesk.' },
  queued: { label: 'Queued', tone: 'neutral', hint: 'Written down, waiting to be sent.' },
  sending: { label: 'Sending', tone: 'info', hint: 'Being handed to the carrier.' },
  sent: { label: 'Sent', tone: 'info', hint: 'The carrier has it.' },
  delivered: { label: 'Delivered', tone: 'good', hint: 'It reached the phone.' },
  read: { label: 'Read', tone: 'good', hint: 'It was read.' },
  failed: { label: 'Failed', tone: 'bad', hint: 'It could not be sent.' },
  undelivered: { label: 'Undelivered', tone: 'bad', hint: 'The carrier could not deliver it.' },
  canceled: { label: 'Not sent', tone: 'warn', hint: 'It was stopped before it left.' },
};

const APPOINTMENT_STATUS: Record<string, Label> = {
  held: { label: 'Held', tone: 'warn', hint: 'Kept for a while, not confirmed yet.' },
  confirmed: { label: 'Confirmed', tone: 'good', hint: '' },
  cancelled: { label: 'Cancelled', tone: 'bad', hint: '' },
  completed: { label: 'Completed', tone: 'neutral', hint: '' },
  no_show: { label: 'No-show', tone: 'warn', hint: '' },
  expired: { label: 'Expired', tone: 'neutral', hint: 'The hold ran out.' },
};

const OPT_IN: Record<string, Label> = {
  pending: { label: 'Pending', tone: 'neutral', hint: 'No consent on record yet: replies only.' },
  opted_in: { label: 'Opted in', tone: 'good', hint: 'Agreed to get texts.' },
  opted_out: { label: 'Opted out', tone: 'bad', hint: 'Asked for no more texts. Nothing will be sent.' },
};

const WEBHOOK_STATUS: Record<string, Label> = {
  pending: { label: 'On its way', tone: 'info', hint: 'Being sent, or waiting for its next try.' },
  delivered: { label: 'Delivered', tone: 'good', hint: 'The endpoint took it.' },
  failed: { label: 'Failed', tone: 'bad', hint: 'Given up.' },
};

const JOB_STATE: Record<string, Label> = {
  queued: { label: 'Queued', tone: 'info', hint: 'Waiting for its time or a worker.' },
  running: { label: 'Running', tone: 'accent', hint: 'A worker has it.' },
  done: { label: 'Done', tone: 'good', hint: '' },
  dead: { label: 'Dead', tone: 'bad', hint: 'Out of attempts. It waits for a retry by hand.' },
};

const MODE: Record<string, Label> = {
  bot: { label: 'Assistant', tone: 'info', hint: 'The assistant answers by itself.' },
  human: { label: 'Person', tone: 'accent', hint: 'A person answers; the assistant keeps quiet.' },
};

const WAITING: Record<string, Label> = {
  asked_for_person: { label: 'Asked for a person', tone: 'warn', hint: 'The contact wants to talk to somebody.' },
  question: { label: 'Has a question', tone: 'warn', hint: 'The assistant had no answer to give.' },
  notice: { label: 'Left a message', tone: 'warn', hint: 'Something for staff to read, such as running late.' },
  wrote: { label: 'Wrote again', tone: 'warn', hint: 'A text came in while a person has the conversation.' },
};

const REVIEW_STATUS: Record<string, Label> = {
  open: { label: 'Open', tone: 'warn', hint: 'Nothing is sent until somebody decides.' },
  opted_out: { label: 'Opted out', tone: 'bad', hint: 'No more texts go to this contact.' },
  kept: { label: 'Texting kept', tone: 'good', hint: 'It was not meant as an opt-out.' },
  expired: { label: 'Expired', tone: 'bad', hint: 'Nobody decided in time, so it counts as an opt-out.' },
};

const REPORT_STATUS: Record<string, Label> = {
  open: { label: 'Open', tone: 'warn', hint: 'Nobody works on it yet.' },
  in_progress: { label: 'In progress', tone: 'info', hint: 'Somebody works on it.' },
  resolved: { label: 'Resolved', tone: 'good', hint: '' },
};

const PRIORITY: Record<string, Label> = {
  urgent: { label: 'Urgent', tone: 'bad', hint: '' },
  high: { label: 'High', tone: 'warn', hint: '' },
  normal: { label: 'Normal', tone: 'neutral', hint: '' },
  low: { label: 'Low', tone: 'neutral', hint: '' },
};

const REPORT_EVENT: Record<string, Label> = {
  told: { label: 'The contact was texted', tone: 'neutral', hint: '' },
  not_told: { label: 'The contact could not be texted', tone: 'warn', hint: '' },
};

const CHANNEL: Record<string, Label> = {
  sms: { label: 'SMS', tone: 'neutral', hint: '' },
  whatsapp: { label: 'WhatsApp', tone: 'neutral', hint: '' },
  web: { label: 'Web', tone: 'neutral', hint: '' },
  simulator: { label: 'Simulator', tone: 'neutral', hint: '' },
};

const STAGE: Record<string, Label> = {
  lead: { label: 'Lead', tone: 'neutral', hint: '' },
  prospect: { label: 'Prospect', tone: 'info', hint: '' },
  customer: { label: 'Customer', tone: 'good', hint: '' },
  former: { label: 'Former', tone: 'neutral', hint: '' },
};

const CONSENT_TIER: Record<string, Label> = {
  implied: { label: 'Texted us', tone: 'good', hint: 'They want an answer, and nothing else.' },
  express: { label: 'Agreed', tone: 'good', hint: '' },
  express_written: { label: 'Agreed in writing', tone: 'good', hint: '' },
};

const CONSENT_METHOD: Record<string, Label> = {
  inbound_message: { label: 'By a text of theirs', tone: 'neutral', hint: '' },
  keyword: { label: 'By a keyword', tone: 'neutral', hint: '' },
  free_text: { label: 'In their own words', tone: 'neutral', hint: '' },
  staff_review: { label: 'Decided by staff', tone: 'neutral', hint: '' },
  review_expired: { label: 'Undecided in time', tone: 'neutral', hint: '' },
  staff_recorded: { label: 'Known to staff', tone: 'neutral', hint: '' },
  web_form: { label: 'On a web form', tone: 'neutral', hint: '' },
  paper: { label: 'On paper', tone: 'neutral', hint: '' },
  verbal: { label: 'By phone or in person', tone: 'neutral', hint: '' },
  api: { label: 'From another program', tone: 'neutral', hint: '' },
  import: { label: 'With a list', tone: 'neutral', hint: '' },
};

const CONSENT_PURPOSE: Record<string, Label> = {
  conversational: { label: 'Answers', tone: 'neutral', hint: 'What they write is answered.' },
  transactional: { label: 'Reminders and notices', tone: 'neutral', hint: 'About their own appointments and orders.' },
  marketing: { label: 'Promotions', tone: 'neutral', hint: 'Needs that they agreed in writing.' },
};

const IMPORT_VERDICT: Record<string, Label> = {
  added: { label: 'Blocked', tone: 'good', hint: '' },
  already_there: { label: 'There already', tone: 'neutral', hint: '' },
  repeated: { label: 'Repeated', tone: 'neutral', hint: '' },
  invalid: { label: 'No number', tone: 'bad', hint: '' },
};

const ROW_VERDICT: Record<string, Label> = {
  new: { label: 'New', tone: 'good', hint: '' },
  updates: { label: 'Changed', tone: 'info', hint: '' },
  unchanged: { label: 'Nothing new', tone: 'neutral', hint: '' },
  skipped: { label: 'Left alone', tone: 'neutral', hint: '' },
  duplicate: { label: 'Twice in the file', tone: 'warn', hint: '' },
  invalid: { label: 'Not taken in', tone: 'bad', hint: '' },
};

const IMPORT_STATUS: Record<string, Label> = {
  receiving: { label: 'On its way', tone: 'info', hint: '' },
  ready: { label: 'Not started', tone: 'warn', hint: 'It waits for a day.' },
  running: { label: 'At work', tone: 'info', hint: '' },
  done: { label: 'Done', tone: 'good', hint: '' },
  cancelled: { label: 'Stopped', tone: 'neutral', hint: '' },
  failed: { label: 'Went wrong', tone: 'bad', hint: '' },
  expired: { label: 'Expired', tone: 'neutral', hint: 'The file is no longer kept.' },
  undoing: { label: 'Being taken back', tone: 'info', hint: '' },
  undone: { label: 'Taken back', tone: 'neutral', hint: '' },
};

const SUPPRESSION: Record<string, Label> = {
  opted_out: { label: 'Opted out', tone: 'bad', hint: 'The contact asked for no more texts.' },
  carrier_opted_out: {
    label: 'Stopped at the carrier',
    tone: 'bad',
    hint: 'They replied STOP; the carrier blocks one sender.',
  },
  under_review: { label: 'Under review', tone: 'warn', hint: 'A doubtful opt-out waits for a person.' },
  blocked: { label: 'Blocked by staff', tone: 'neutral', hint: 'Only staff can lift it.' },
  do_not_call: { label: 'On a list', tone: 'neutral', hint: 'It came with a do-not-call list.' },
  bad_number: {
    label: 'Not reached',
    tone: 'warn',
    hint: 'The carrier says that no text arrives there. A text from it ends this.',
  },
};

const CONTACT_STATUS: Record<string, Label> = {
  ok: { label: 'May be texted', tone: 'good', hint: '' },
  opted_out: { label: 'Opted out', tone: 'bad', hint: '' },
  under_review: { label: 'Under review', tone: 'bad', hint: '' },
  blocked: { label: 'Blocked', tone: 'bad', hint: '' },
};

const TEMPLATE_APPROVAL: Record<string, Label> = {
  unsubmitted: { label: 'Not submitted', tone: 'neutral', hint: '' },
  pending: { label: 'Waits for WhatsApp', tone: 'neutral', hint: '' },
  approved: { label: 'Approved', tone: 'good', hint: '' },
  rejected: { label: 'Rejected', tone: 'bad', hint: '' },
  paused: { label: 'Paused', tone: 'bad', hint: '' },
  disabled: { label: 'Disabled', tone: 'bad', hint: '' },
};

const TEMPLATE_PURPOSE: Record<string, Label> = {
  transactional: {
    label: 'Transactional',
    tone: 'neutral',
    hint: 'It reminds of something that was booked or ordered, or confirms it.',
  },
  marketing: { label: 'Marketing', tone: 'accent', hint: 'It advertises, and goes only to who agreed to that.' },
};

const CAMPAIGN_STATE: Record<string, Label> = {
  draft: { label: 'Draft', tone: 'neutral', hint: 'Being written.' },
  scheduled: { label: 'Scheduled', tone: 'info', hint: 'It begins by itself.' },
  running: { label: 'Running', tone: 'accent', hint: 'Texts leave.' },
  paused: { label: 'Paused', tone: 'warn', hint: 'Nothing leaves until somebody resumes it.' },
  completed: { label: 'Completed', tone: 'good', hint: 'Everybody had their turn.' },
  cancelled: { label: 'Cancelled', tone: 'bad', hint: 'Ended by staff: whoever waited is not texted.' },
};

const TEMPLATE_CATEGORY: Record<string, Label> = {
  utility: { label: 'Utility', tone: 'neutral', hint: '' },
  marketing: { label: 'Marketing', tone: 'neutral', hint: '' },
  authentication: { label: 'Authentication', tone: 'neutral', hint: '' },
};

export const conversationState = (value: string) => lookup(STATES, value);
export const messageStatus = (value: string) => lookup(MESSAGE_STATUS, value);
export const appointmentStatus = (value: string) => lookup(APPOINTMENT_STATUS, value);
export const optIn = (value: string) => lookup(OPT_IN, value);
export const jobState = (value: string) => lookup(JOB_STATE, value);
export const webhookStatus = (value: string) => lookup(WEBHOOK_STATUS, value);
export const conversationMode = (value: string) => lookup(MODE, value);
export const waitingReason = (value: string) => lookup(WAITING, value);
export const reviewStatus = (value: string) => lookup(REVIEW_STATUS, value);
export const reportStatus = (value: string) => lookup(REPORT_STATUS, value);
export const reportPriority = (value: string) => lookup(PRIORITY, value);
export const reportEvent = (value: string) => lookup(REPORT_EVENT, value);
export const channel = (value: string) => lookup(CHANNEL, value);
export const lifecycleStage = (value: string) => lookup(STAGE, value);
export const consentTier = (value: string) => lookup(CONSENT_TIER, value);
export const consentMethod = (value: string) => lookup(CONSENT_METHOD, value);
export const consentPurpose = (value: string | null | undefined) =>
  value ? lookup(CONSENT_PURPOSE, value) : { label: 'Texts of any kind', tone: 'neutral' as const, hint: '' };
export const importVerdict = (value: string) => lookup(IMPORT_VERDICT, value);
export const rowVerdict = (value: string) => lookup(ROW_VERDICT, value);
export const importStatus = (value: string) => lookup(IMPORT_STATUS, value);
export const suppressionReason = (value: string) => lookup(SUPPRESSION, value);
export const contactStatus = (value: string) => lookup(CONTACT_STATUS, value);
export const templateApproval = (value: string) => lookup(TEMPLATE_APPROVAL, value);
export const templatePurpose = (value: string) => lookup(TEMPLATE_PURPOSE, value);
export const campaignState = (value: string) => lookup(CAMPAIGN_STATE, value);
export const templateCategory = (value: string) => lookup(TEMPLATE_CATEGORY, value);
export { humanize };

/** Statuses in the order a text goes through them. */
export function inDeliveryOrder<T extends { status: string }>(rows: readonly T[]): T[] {
  const order = Object.keys(MESSAGE_STATUS);
  const place = (status: string) => (order.includes(status) ? order.indexOf(status) : order.length);
  return [...rows].sort((a, b) => place(a.status) - place(b.status));
}

/** A booking that still claims its time. */
export const claimsTime = (status: string) => status === 'held' || status === 'confirmed';

/** The steps an outgoing text has been through, for ticks and timelines. */
export type Ticks = 'waiting' | 'one' | 'two' | 'read' | 'failed';

export function ticksFor(status: string): Ticks {
  switch (status) {
    case 'sent':
      return 'one';
    case 'delivered':
      return 'two';
    case 'read':
      return 'read';
    case 'failed':
    case 'undelivered':
    case 'canceled':
      return 'failed';
    default:
      return 'waiting';
  }
}

type Deliverable = { status: string; error_code?: string | null; error_message?: string | null };

/** The provider's number as "code 30003"; a rule of our own, such as opted_out, in words. */
export function failureCode(message: Deliverable): string {
  const code = message.error_code ?? '';
  if (/^\d+$/.test(code)) return `code ${code}`;
  return humanize(code).toLowerCase();
}

/** "Delivered", or "Failed, code 30003: Unreachable destination". */
export function deliveryText(message: Deliverable): string {
  const { label, hint } = messageStatus(message.status);
  if (ticksFor(message.status) !== 'failed') return label;
  const reason = failureCode(message);
  const why = message.error_message ?? (reason ? '' : hint);
  return `${label}${reason ? `, ${reason}` : ''}${why ? `: ${why}` : ''}`;
}
