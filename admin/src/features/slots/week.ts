import type { Slot } from '@/api/types';
import { addDays, dayKey, instantOf, isDay, wallClock } from '@/lib/time';

const pad = (n: number) => String(n).padStart(2, '0');

/** The hours of the day the week view has to show: those of the slots, and never less than a morning's worth. */
export function visibleHours(
  slots: readonly Pick<Slot, 'start_time' | 'end_time'>[],
  zone: string,
): { start: string; end: string } {
  if (slots.length === 0) return { start: '08:00:00', end: '18:00:00' };
  let first = 24;
  let last = 0;
  for (const slot of slots) {
    const start = wallClock(slot.start_time, zone);
    const end = wallClock(slot.end_time, zone);
    first = Math.min(first, start.hour);
    const crosses = end.hour < start.hour || (end.hour === 0 && end.minute === 0);
    last = Math.max(last, crosses ? 24 : end.hour + (end.minute > 0 ? 1 : 0));
  }
  const end = Math.max(last, Math.min(24, first + 4));
  return { start: `${pad(first)}:00:00`, end: end >= 24 ? '23:59:59' : `${pad(end)}:00:00` };
}

export function hasWeekend(slots: readonly Pick<Slot, 'start_time'>[], monday: string, zone: string): boolean {
  const weekend = [addDays(monday, 5), addDays(monday, 6)];
  return slots.some((slot) => weekend.includes(dayKey(slot.start_time, zone)));
}

/** Monday to Sunday, each with its slots, for the list a narrow screen gets. */
export function slotsByDay<S extends Pick<Slot, 'start_time'>>(
  slots: readonly S[],
  monday: string,
  zone: string,
): { day: string; slots: S[] }[] {
  return Array.from({ length: 7 }, (_, index) => {
    const day = addDays(monday, index);
    return { day, slots: slots.filter((slot) => dayKey(slot.start_time, zone) === day) };
  });
}

/** What a date and a time input say, as an instant of the zone; null while they say nothing whole. */
export function instantOfInputs(day: string, time: string, zone: string): string | null {
  const clock = /^(\d{2}):(\d{2})/.exec(time);
  if (!isDay(day) || !clock) return null;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const local = { year, month, day: date, hour: Number(clock[1]), minute: Number(clock[2]), second: 0 };
  return instantOf(local, zone).toISOString().replace('.000Z', 'Z');
}
