// Hours in which texts may arrive, as people read and type them.
import type { QuietHoursWindow } from '@/api/types';
import type { Hours } from '@/components/hours-fields';
import { endInput, endOfHours, hoursProblem, shortDay, WEEKDAYS, weekdaysLabel } from '@/lib/weekdays';

/** "9 am", "8:30 pm", "noon", "midnight". */
export function clockLabel(time: string): string {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  if (minutes === 0 && hours % 24 === 0) return 'midnight';
  if (minutes === 0 && hours === 12) return 'noon';
  const shown = minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`;
  return `${hours % 12 === 0 ? 12 : hours % 12}${shown} ${hours < 12 ? 'am' : 'pm'}`;
}

/** "Mon – Sat 9 am – 8 pm, Sun noon – 8 pm". */
export function windowsLabel(windows: readonly QuietHoursWindow[]): string {
  if (windows.length === 0) return 'Closed always';
  const shown = windows.map((w) => `${weekdaysLabel(w.days)} ${clockLabel(w.from)} – ${clockLabel(w.to)}`);
  const open = new Set(windows.flatMap((w) => w.days));
  const closed = WEEKDAYS.filter((day) => !open.has(day));
  return [...shown, ...(closed.length > 0 ? [`closed ${closed.map(shortDay).join(', ')}`] : [])].join(', ');
}

export const hoursOf = (windows: readonly QuietHoursWindow[]): Hours[] =>
  windows.map((w) => ({ weekdays: [...w.days], from: w.from, to: endInput(w.to) }));

export const windowsOf = (hours: readonly Hours[]): QuietHoursWindow[] =>
  hours.map((h) => ({ days: h.weekdays, from: h.from, to: endOfHours(h.to) }));

/** What is wrong with one of the rows, in a sentence; null: nothing. */
export const rowProblem = (row: Hours): string | null =>
  row.weekdays.length === 0 ? 'Choose a day.' : hoursProblem(row.from, row.to);
