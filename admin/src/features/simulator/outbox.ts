// Texts typed here that the thread does not show yet.

export type Draft = {
  key: string;
  from: string;
  body: string;
  createdAt: string;
  messageId: string | null;
  error: string | null;
};

export type OutboxAction =
  | { type: 'send'; draft: Omit<Draft, 'messageId' | 'error'> }
  | { type: 'accepted'; key: string; messageId: string }
  | { type: 'refused'; key: string; error: string }
  | { type: 'drop'; key: string }
  | { type: 'arrived'; ids: ReadonlySet<string> };

export function outbox(drafts: readonly Draft[], action: OutboxAction): readonly Draft[] {
  switch (action.type) {
    case 'send':
      return [...drafts, { ...action.draft, messageId: null, error: null }];
    case 'accepted':
      return drafts.map((d) => (d.key === action.key ? { ...d, messageId: action.messageId } : d));
    case 'refused':
      return drafts.map((d) => (d.key === action.key ? { ...d, error: action.error } : d));
    case 'drop':
      return drafts.filter((d) => d.key !== action.key);
    case 'arrived': {
      const left = drafts.filter((d) => d.messageId === null || !action.ids.has(d.messageId));
      return left.length === drafts.length ? drafts : left;
    }
  }
}

/** The drafts to draw under the thread of `from`: never one the thread already has. */
export function visibleDrafts(drafts: readonly Draft[], from: string, messages: readonly { id: string }[]): Draft[] {
  const ids = new Set(messages.map((m) => m.id));
  return drafts.filter((d) => d.from === from && (d.messageId === null || !ids.has(d.messageId)));
}
