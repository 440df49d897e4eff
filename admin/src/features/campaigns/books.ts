// The books of a campaign as they are shown: every recipient in one place, and the places come to the audience.
import type { Campaign, CampaignBooks, CampaignReason, CampaignTexts } from '@/api/types';
import { errorWords, reasonWords, waitingWords } from './words';

export const inAll = (reasons: readonly CampaignReason[]): number =>
  reasons.reduce((sum, reason) => sum + reason.targets, 0);

export type Part = {
  name: 'delivered' | 'sent' | 'leaving' | 'failed' | 'skipped' | 'waiting';
  label: string;
  n: number;
};

const sums = (texts: CampaignTexts) => ({
  delivered: texts.delivered + texts.read,
  sent: texts.sent + texts.no_longer_kept,
  leaving: texts.queued + texts.sending + texts.ambiguous,
  failed: texts.failed + texts.undelivered + texts.canceled,
});

/** Where everybody stands, in six parts. */
export function partsOf(books: CampaignBooks): Part[] {
  const { delivered, sent, leaving, failed } = sums(books.texts);
  return [
    { name: 'delivered', label: 'Delivered', n: delivered },
    { name: 'sent', label: 'Sent', n: sent },
    { name: 'leaving', label: 'On the way', n: leaving },
    { name: 'failed', label: 'Failed', n: failed },
    { name: 'skipped', label: 'Not texted', n: inAll(books.skipped) },
    { name: 'waiting', label: 'Waiting', n: inAll(books.waiting) },
  ];
}

/** `of`: a line that is part of the one above it, and not counted again. */
export type Line = { key: string; label: string; n: number; of?: true; code?: string };
export type Chapter = { name: string; lines: Line[]; n: number };

const FATES: readonly [keyof CampaignTexts, string][] = [
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['sent', 'with the carrier, no word yet'],
  ['sending', 'being handed over'],
  ['queued', 'to be handed over anew'],
  ['ambiguous', 'may have left, being found out'],
  ['failed', 'failed'],
  ['undelivered', 'not delivered'],
  ['canceled', 'taken back before they left'],
  ['no_longer_kept', 'no longer kept'],
];

const byNumber = <T extends { n: number }>(lines: T[]): T[] => [...lines].sort((a, b) => b.n - a.n);

/** The table: whoever waits, whoever is not texted, and the first texts by what became of them. */
export function chaptersOf(books: CampaignBooks): Chapter[] {
  const reasons = (list: readonly CampaignReason[], words: (reason: string) => string): Line[] =>
    byNumber(list.map(({ reason, targets }) => ({ key: reason, label: words(reason), n: targets })));
  const errors: Line[] = byNumber(
    books.errors.map(({ code, texts }) => ({
      key: `error ${code}`,
      label: errorWords(code),
      n: texts,
      of: true as const,
      code,
    })),
  );
  const failing = new Set<keyof CampaignTexts>(['failed', 'undelivered', 'canceled']);
  const fates = FATES.filter(([name]) => books.texts[name] > 0).map(([name, label]) => ({
    key: name,
    label,
    n: books.texts[name],
    failing: failing.has(name),
  }));
  const line = ({ key, label, n }: Line): Line => ({ key, label, n });
  return [
    {
      name: 'Texted',
      n: fates.reduce((sum, fate) => sum + fate.n, 0),
      lines: [
        ...fates.filter((fate) => !fate.failing).map(line),
        ...fates.filter((fate) => fate.failing).map(line),
        ...errors,
      ],
    },
    { name: 'Waiting for', n: inAll(books.waiting), lines: reasons(books.waiting, waitingWords) },
    { name: 'Not texted', n: inAll(books.skipped), lines: reasons(books.skipped, reasonWords) },
  ];
}

/** Whether what is shown comes to the audience, and the server found the same. */
export const addsUp = (books: CampaignBooks): boolean =>
  books.balanced && chaptersOf(books).reduce((sum, chapter) => sum + chapter.n, 0) === books.audience;

/** How far it is, in percent: whoever does not wait any more. */
export const doneOf = (books: CampaignBooks): number =>
  books.audience === 0 ? 0 : ((books.audience - inAll(books.waiting)) / books.audience) * 100;

/** Every reason there is, for the filter of the recipients. */
export function reasonsOf(books: CampaignBooks): string[] {
  const all = [...books.waiting, ...books.skipped, ...books.stopped].map(({ reason }) => reason).filter(Boolean);
  return [...new Set(all)];
}

/** Its figures change by themselves: it runs, or reports on its texts may still come, also after its end. */
export function isMoving({ state, books }: Pick<Campaign, 'state' | 'books'>): boolean {
  if (state === 'running') return true;
  return !!books && books.texts.queued + books.texts.sending + books.texts.sent + books.texts.ambiguous > 0;
}
