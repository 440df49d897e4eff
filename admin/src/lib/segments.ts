// What a text is charged as. The same rules as the server's: GSM 03.38 basic set with its extensions, otherwise UCS-2.

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENDED = new Set('^{}\\[]~|€\f');

export type Encoding = 'gsm7' | 'ucs2';

/** Units of a part that is alone, and of each of several. */
const ROOM: Record<Encoding, readonly [number, number]> = { gsm7: [160, 153], ucs2: [70, 67] };

const inAlphabet = (character: string): boolean => BASIC.has(character) || EXTENDED.has(character);

/** Units of one character, which no part border divides: an extension character is sent as two, an emoji as a pair. */
const unitsOf = (character: string, encoding: Encoding): number =>
  encoding === 'ucs2' ? character.length : EXTENDED.has(character) ? 2 : 1;

export type Segments = { encoding: Encoding; parts: number; units: number; leftInPart: number };

/** What the text is sent and charged as; an empty one is one part. */
export function countSegments(text: string): Segments {
  const characters = [...text];
  const encoding: Encoding = characters.every(inAlphabet) ? 'gsm7' : 'ucs2';
  const [alone, each] = ROOM[encoding];
  const units = characters.reduce((sum, character) => sum + unitsOf(character, encoding), 0);
  if (units <= alone) return { encoding, parts: 1, units, leftInPart: alone - units };
  let parts = 1;
  let used = 0;
  for (const character of characters) {
    const needed = unitsOf(character, encoding);
    if (used + needed > each) {
      parts += 1;
      used = 0;
    }
    used += needed;
  }
  return { encoding, parts, units, leftInPart: each - used };
}

/** Parts the text is sent and charged as; none for no text. */
export function smsSegments(text: string): { segments: number; unicode: boolean } {
  const { parts, encoding } = countSegments(text);
  return { segments: text === '' ? 0 : parts, unicode: encoding === 'ucs2' };
}

/** What the server counts as characters: code points, so an emoji is one. */
export const characterCount = (text: string): number => [...text].length;

/** "42 / 480 characters, 1 SMS", and why it is more than expected when a character forces the wider encoding. */
export function lengthWords(text: string, limit: number, whole = false): { text: string; over: boolean; hint: string } {
  const count = characterCount(text);
  const { segments, unicode } = smsSegments(text);
  if (whole) return { text: `${count} / ${limit} characters`, over: count > limit, hint: '' };
  return {
    text: `${count} / ${limit} characters${segments > 0 ? `, ${segments} SMS` : ''}`,
    over: count > limit,
    hint: unicode ? 'Some characters (accents, emoji, curly quotes) only fit 70 to an SMS instead of 160.' : '',
  };
}
