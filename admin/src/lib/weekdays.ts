export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type WeekdayName = (typeof WEEKDAYS)[number];

export const shortDay = (day: WeekdayName): string => day.charAt(0).toUpperCase() + day.slice(1, 3);

/** "Mon – Fri", "Sat, Sun", "Mon, Wed – Fri", "Every day". */
export function weekdaysLabel(days: readonly WeekdayName[]): string {
  const chosen = WEEKDAYS.map((day) => days.includes(day));
  if (chosen.every(Boolean)) return 'Every day';
  const parts: string[] = [];
  for (let start = 0; start < 7; start += 1) {
    if (!chosen[start]) continue;
    let end = start;
    while (end < 6 && chosen[end + 1]) end += 1;
    const names = WEEKDAYS.slice(start, end + 1).map(shortDay);
    if (names.length > 2) parts.push(`${names[0]} – ${names.at(-1)}`);
    else parts.push(...names);
    start = end;
  }
  return parts.join(', ');
}

/** An hours' end as the API writes it: a clock input knows midnight only as 00:00. */
export const endOfHours = (value: string): string => (value === '00:00' ? '24:00' : value);
export const endInput = (value: string): string => (value === '24:00' ? '00:00' : value);

/** What is wrong with a pair of clock readings, in a sentence; null: nothing. */
export function hoursProblem(from: string, to: string): string | null {
  if (!/^\d{2}:\d{2}$/.test(from) || !/^\d{2}:\d{2}$/.test(to)) return 'Fill in both times.';
  return endOfHours(to) > from ? null : 'The end must be after the beginning.';
}
