/** "+14155550101" → "+1 415 555 0101"; other countries in threes after the code we know nothing about. */
export function formatPhone(number: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return us ? `+1 ${us[1]} ${us[2]} ${us[3]}` : number;
}

/** What someone typed, as E.164, or null. Ten digits are taken for a US number. */
export function parsePhone(input: string): string | null {
  const trimmed = input.trim();
  const digits = trimmed.replace(/\D/g, '');
  if (/[a-z]/i.test(trimmed)) return null;
  if (trimmed.startsWith('+') || digits.length > 10) return /^[1-9]\d{7,14}$/.test(digits) ? `+${digits}` : null;
  return /^[2-9]\d{9}$/.test(digits) ? `+1${digits}` : null;
}

const AREA_CODES = [206, 212, 213, 303, 305, 312, 404, 415, 503, 512, 602, 615, 617, 702, 718, 808, 919];

/** A person who cannot exist: 555-0100 to 555-0199 is kept for fiction in every US area code. */
export function fictitiousNumber(random: () => number = Math.random): string {
  const area = AREA_CODES[Math.floor(random() * AREA_CODES.length)] ?? 415;
  return `+1${area}55501${String(Math.floor(random() * 100)).padStart(2, '0')}`;
}

export function personName(
  person: { first_name?: string | null; last_name?: string | null; phone_number: string } | null | undefined,
): string {
  if (!person) return 'Unknown';
  return [person.first_name, person.last_name].filter(Boolean).join(' ') || formatPhone(person.phone_number);
}

export function initials(person: { first_name?: string | null; last_name?: string | null }): string {
  return [person.first_name, person.last_name].map((n) => n?.trim().charAt(0).toUpperCase() ?? '').join('');
}
