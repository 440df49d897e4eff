// What a text is charged as. The same rules as the server's: GSM 03.38 basic set with its extensions, otherwise UCS-2.

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const EXTENDED = new Set('^{}\\[]~|€\f');

/** Septets in the GSM-7 set, extension characters counting two; null where a character is in neither. */
function septets(text: string): number | null {
  let total = 0;
  for (const character of text) {
    if (BASIC.has(character)) total += 1;
    else if (EXTENDED.has(character)) total += 2;
    else return null;
  }
  return total;
}

/** Parts the text is sent and charged as; none for no text. */
export function smsSegments(text: string): { segments: number; unicode: boolean } {
  const gsm = septets(text);
  const unicode = gsm === null;
  const units = gsm ?? text.length;
  const [single, several] = unicode ? [70, 67] : [160, 153];
  if (units === 0) return { segments: 0, unicode };
  return { segments: units <= single ? 1 : Math.ceil(units / several), unicode };
}

/** What the server counts as characters: code points, so an emoji is one. */
export const characterCount = (text: string): number => [...text].length;

/** "42 / 480 characters, 1 SMS", and why it is more than expected when a character forces the wider encoding. */
export function lengthWords(text: string, limit: number): { text: string; over: boolean; hint: string } {
  const count = characterCount(text);
  const { segments, unicode } = smsSegments(text);
  return {
    text: `${count} / ${limit} characters${segments > 0 ? `, ${segments} SMS` : ''}`,
    over: count > limit,
    hint: unicode ? 'Some characters (accents, emoji, curly quotes) only fit 70 to an SMS instead of 160.' : '',
  };
}
