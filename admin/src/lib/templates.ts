// WhatsApp's templates: their variables, what they read like filled in, and until when free text may be sent instead.

/** "1" for {{1}}: the variables of a template, each once, in the order of the text. The server reads them alike. */
export function templateVariables(body: string): string[] {
  return [...new Set([...body.matchAll(/\{\{([A-Za-z0-9_]{1,30})\}\}/g)].map(([, name]) => name ?? ''))];
}

/** The template with what is known so far; what is not stays a placeholder. */
export function filledTemplate(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(
    /\{\{([A-Za-z0-9_]{1,30})\}\}/g,
    (placeholder, name: string) => values[name]?.trim() || placeholder,
  );
}

type Windowed = { channel: string; window_until?: string | null };

/** Whether the contact may be sent free text: by WhatsApp only within 24 hours of what they last wrote. */
export function takesFreeText({ channel, window_until }: Windowed, now: number): boolean {
  if (channel !== 'whatsapp') return true;
  return Boolean(window_until) && Date.parse(window_until ?? '') > now;
}
