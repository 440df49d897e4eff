// What happened with a contact, in a few words.
import type { TimelineEntry } from '@/api/types';
import { humanize } from '@/lib/labels';

const WORDS: Record<string, string> = {
  'text inbound': 'They wrote',
  'text outbound': 'We wrote',
  'booking booked': 'Booked',
  'booking rescheduled': 'Moved',
  'booking cancelled': 'Cancelled',
  'consent granted': 'Agreed to texts',
  'consent revoked': 'Took consent back',
  'import created': 'Came with a file',
  'import updated': 'Changed by a file',
  'import unchanged': 'Stood in a file',
  'import skipped': 'Stood in a file, left alone',
  'change contact.created': 'Added',
  'change contact.updated': 'Edited',
  'change contact.archived': 'Archived',
  'change contact.unarchived': 'Taken out of the archive',
  'change contact.merged': 'Merged with another contact',
  'change contact.merged_away': 'Became the other number of a contact',
  'change contact.exported': 'Data taken out',
};

export const happened = ({ kind, what }: Pick<TimelineEntry, 'kind' | 'what'>): string =>
  WORDS[`${kind} ${what}`] ?? humanize(what.replace(/^contact\./, ''));
