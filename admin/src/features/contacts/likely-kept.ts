import type { Contact } from '@/api/types';

type Compared = Pick<Contact, 'opt_in_status' | 'last_message_at' | 'created_at'>;

const texted = ({ last_message_at }: Compared) => (last_message_at ? Date.parse(last_message_at) : 0);

/** Whom staff will most likely keep: who opted out, as that must hold; else who texted last; else who was there first. */
export function likelyKept<T extends Compared>([one, other]: readonly [T, T]): T {
  const out = [one, other].map(({ opt_in_status }) => opt_in_status === 'opted_out');
  if (out[0] !== out[1]) return out[0] ? one : other;
  if (texted(one) !== texted(other)) return texted(one) > texted(other) ? one : other;
  return Date.parse(one.created_at) <= Date.parse(other.created_at) ? one : other;
}
