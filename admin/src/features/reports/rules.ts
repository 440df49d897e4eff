// What may be done with a report, and what of it goes to the contact.
import type { Report } from '@/api/types';

export type Step = 'start' | 'resolve' | 'reopen';

/** The steps that fit the state a report is in. */
export function steps(status: Report['status']): Step[] {
  switch (status) {
    case 'open':
      return ['start', 'resolve'];
    case 'in_progress':
      return ['resolve'];
    case 'resolved':
      return ['reopen'];
  }
}

/** The query of the list for what the address says. */
export const statusQuery = (status: Report['status'] | 'any' | undefined) => {
  if (status === undefined) return { unresolved: true };
  return status === 'any' ? {} : { status };
};

/** Only who raised a report themselves is told what becomes of it. */
export const tellsContact = (report: Pick<Report, 'source'>): boolean => report.source === 'contact';

export const opener = (report: Pick<Report, 'source' | 'opened_by'>): string => {
  if (report.source === 'contact') return 'by text';
  return report.opened_by ? `by ${report.opened_by.display_name}` : 'by a program';
};

const within = (text: string, most: number): string | null => {
  const length = [...text.trim()].length;
  if (length === 0) return 'Write something.';
  return length > most ? `At most ${most} characters.` : null;
};

export const RULES = {
  subject: (value: string) => within(value, 200),
  body: (value: string) => within(value, 8000),
};
