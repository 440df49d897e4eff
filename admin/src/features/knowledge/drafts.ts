// Entries as they are written: the usual ones to start from, and what keeps one from being used.
import { characterCount } from '@/lib/segments';
import type { Topic } from './topics';

export const ANSWER_LIMIT = 480;
export const TITLE_LIMIT = 120;
export const KEYWORDS_LIMIT = 20;
export const KEYWORD_LIMIT = 60;

export type EntryBody = {
  topic: Topic;
  title: string;
  keywords: string[];
  answer_en: string;
  answer_es: string | null;
  active: boolean;
};

export const BLANK: EntryBody = {
  topic: 'other',
  title: '',
  keywords: [],
  answer_en: '',
  answer_es: null,
  active: true,
};

const draft = (entry: Pick<EntryBody, 'topic' | 'title' | 'answer_en' | 'answer_es'> & { keywords?: string[] }) => ({
  ...BLANK,
  ...entry,
  active: false,
});

/** What nearly every business is asked. The brackets are for the business to fill in. */
export const USUAL: readonly EntryBody[] = [
  draft({
    topic: 'hours',
    title: 'Opening hours',
    answer_en: 'We are open [Monday to Friday, 9 AM to 5 PM].',
    answer_es: 'Abrimos [de lunes a viernes, de 9 a 5].',
  }),
  draft({
    topic: 'location',
    title: 'Where we are',
    answer_en: 'We are at [street, city], [next to a landmark].',
    answer_es: 'Estamos en [calle, ciudad], [junto a un lugar conocido].',
  }),
  draft({
    topic: 'prices',
    title: 'Prices',
    answer_en: '[A consultation] is [$50]. [Other prices.]',
    answer_es: '[Una consulta] cuesta [$50]. [Otros precios.]',
  }),
  draft({
    topic: 'parking',
    title: 'Parking',
    answer_en: 'You can park [behind the building, free for two hours].',
    answer_es: 'Puede estacionar [detrás del edificio, gratis por dos horas].',
  }),
  draft({
    topic: 'policies',
    title: 'Cancellation policy',
    keywords: ['cancellation', 'no-show'],
    answer_en: 'You can cancel or move free of charge up to [24 hours] before. After that [we charge $20].',
    answer_es: 'Puede cancelar o cambiar sin costo hasta [24 horas] antes. Después [cobramos $20].',
  }),
];

/** Whether something in brackets still waits to be filled in. Such an answer must not reach a contact. */
export const unfilled = (entry: Pick<EntryBody, 'answer_en'> & { answer_es?: string | null }): boolean =>
  [entry.answer_en, entry.answer_es ?? ''].some((answer) => /\[[^\]]*\]/.test(answer));

const tooLong = (text: string, limit: number) =>
  characterCount(text.trim()) > limit ? `Keep it to ${limit} characters` : null;

/** One rule per field, in the form library's shape. */
export const RULES = {
  title: (value: string) => (value.trim() ? tooLong(value, TITLE_LIMIT) : 'Give it a title'),
  keywords: (value: string[]) => {
    if (value.length > KEYWORDS_LIMIT) return `At most ${KEYWORDS_LIMIT} keywords`;
    return value.some((k) => characterCount(k) > KEYWORD_LIMIT)
      ? `Each keyword may have ${KEYWORD_LIMIT} characters`
      : null;
  },
  answer_en: (value: string, { active }: { active: boolean }) => {
    if (!value.trim()) return 'Write the answer';
    return tooLong(value, ANSWER_LIMIT) ?? (active ? leftOpen(value) : null);
  },
  answer_es: (value: string, { active }: { active: boolean }) =>
    tooLong(value, ANSWER_LIMIT) ?? (active ? leftOpen(value) : null),
};

const leftOpen = (answer: string) =>
  unfilled({ answer_en: answer }) ? 'Fill in what stands in brackets, or switch the entry off' : null;
