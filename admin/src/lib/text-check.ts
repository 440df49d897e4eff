// What the server's look at a text means, in words.
import type { TextPreview } from '@/api/types';
import { money } from './money';

const sms = (parts: number): string => `${parts} SMS`;

/** "’ (curly apostrophe) makes this 2 SMS: only 70 characters fit into one instead of 160." */
export function culpritWords(preview: TextPreview): string {
  const { culprits, parts } = preview.segments;
  const named = culprits.slice(0, 3).map((c) => `${c.character.trim() || '␣'} (${c.name})`);
  const more = culprits.length > 3 ? ' and others' : '';
  const verb = named.length === 1 && !more ? 'makes' : 'make';
  const saved = preview.plain?.saved ?? 0;
  const end = saved > 0 && preview.plain ? `${sms(parts)} instead of ${sms(preview.plain.parts)}` : sms(parts);
  return `${named.join(', ')}${more} ${verb} this ${end}: each holds 70 characters, not 160.`;
}

/** "About $0.0237, or $0.0079 with plain characters"; nothing where the organization gave no price. */
export function costWords(preview: TextPreview): string {
  if (!preview.cost) return '';
  const cost = `About ${money(preview.cost.amount, preview.cost.currency)}`;
  const plain = preview.plain_cost;
  if (!plain || plain.amount >= preview.cost.amount) return cost;
  return `${cost}, or ${money(plain.amount, plain.currency)} with plain characters`;
}
