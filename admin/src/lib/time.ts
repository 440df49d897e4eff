// Wall-clock arithmetic in a named zone, on Intl alone. The browser's own zone never matters here.

const MINUTE = 60_000;
const LOCALE = 'en-US';

export type WallClock = { year: number; month: number; day: number; hour: number; minute: number; second: number };

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone });
    formatters.set(key, found);
  }
  return found;
}

function format(instant: string | number | Date, zone: string, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '—';
  // ICU puts a narrow no-break space before AM and PM; a plain one reads and searches better.
  return formatter(zone, options)
    .format(date)
    .replace(/\u202f/g, ' ');
}

export function wallClock(instant: string | number | Date, zone: string): WallClock {
  const parts = formatter(zone, {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant));
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return {
    year: read('year'),
    month: read('month'),
    day: read('day'),
    hour: read('hour'),
    minute: read('minute'),
    second: read('second'),
  };
}

function asUtc(w: WallClock): number {
  return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second);
}

/**
 * The instant a wall clock in `zone` shows `local`. In the spring gap the first instant after it is meant; in the autumn
 * overlap the earlier of the two.
 */
export function instantOf(local: WallClock, zone: string): Date {
  const wanted = asUtc(local);
  const offsetAt = (t: number) => asUtc(wallClock(t, zone)) - t;
  const before = offsetAt(wanted - 24 * 60 * MINUTE);
  const after = offsetAt(wanted + 24 * 60 * MINUTE);
  const candidates = [wanted - before, wanted - after].filter((t) => asUtc(wallClock(t, zone)) === wanted);
  return new Date(candidates.length > 0 ? Math.min(...candidates) : wanted - before);
}

const pad = (n: number) => String(n).padStart(2, '0');

/** YYYY-MM-DD in the zone. */
export function dayKey(instant: string | number | Date, zone: string): string {
  const w = wallClock(instant, zone);
  return `${w.year}-${pad(w.month)}-${pad(w.day)}`;
}

/** YYYY-MM-DD HH:mm:ss in the zone: what the week view places events by. */
export function wallClockString(instant: string, zone: string): string {
  const w = wallClock(instant, zone);
  return `${w.year}-${pad(w.month)}-${pad(w.day)} ${pad(w.hour)}:${pad(w.minute)}:${pad(w.second)}`;
}

/** A calendar day moved by whole days; no zone involved. */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function isDay(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

/** The Monday of the week a calendar day is in. */
export function mondayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -((weekday + 6) % 7));
}

export function startOfDay(day: string, zone: string): Date {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return instantOf({ year, month, day: date, hour: 0, minute: 0, second: 0 }, zone);
}

const toRfc3339 = (date: Date) => date.toISOString().replace('.000Z', 'Z');

/** Monday 00:00 to the next Monday 00:00 on the zone's clock: 167 or 169 hours when the clocks change. */
export function weekRange(monday: string, zone: string): { from: string; to: string } {
  return { from: toRfc3339(startOfDay(monday, zone)), to: toRfc3339(startOfDay(addDays(monday, 7), zone)) };
}

/** "Nov 24 – 30, 2026", "Nov 30 – Dec 6, 2026" or "Dec 28, 2026 – Jan 3, 2027". */
export function weekLabel(monday: string): string {
  const start = new Date(`${monday}T00:00:00Z`);
  const end = new Date(`${addDays(monday, 6)}T00:00:00Z`);
  const short = (d: Date) => format(d, 'UTC', { month: 'short', day: 'numeric' });
  if (start.getUTCFullYear() !== end.getUTCFullYear()) {
    return `${short(start)}, ${start.getUTCFullYear()} – ${short(end)}, ${end.getUTCFullYear()}`;
  }
  const tail = start.getUTCMonth() === end.getUTCMonth() ? String(end.getUTCDate()) : short(end);
  return `${short(start)} – ${tail}, ${end.getUTCFullYear()}`;
}

export function formatTime(instant: string | number | Date, zone: string): string {
  return format(instant, zone, { hour: 'numeric', minute: '2-digit' });
}

export function formatClock(instant: string | number | Date, zone: string): string {
  return format(instant, zone, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
}

export function formatDay(instant: string | number | Date, zone: string): string {
  return format(instant, zone, { weekday: 'short', month: 'short', day: 'numeric' });
}

export function formatCalendarDay(day: string, options: Intl.DateTimeFormatOptions): string {
  return format(`${day}T00:00:00Z`, 'UTC', options);
}

/** "Tue, Nov 24, 2:00 PM", with the year when it is not this one. */
export function formatDateTime(instant: string | number | Date, zone: string, now: number = Date.now()): string {
  const sameYear = wallClock(instant, zone).year === wallClock(now, zone).year;
  return format(instant, zone, {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
    hour: 'numeric',
    minute: '2-digit',
  });
}

export function formatRange(start: string, end: string, zone: string): string {
  return `${formatTime(start, zone)} – ${formatTime(end, zone)}`;
}

/** "Today", "Tomorrow", "Yesterday" or the day itself, all by the zone's calendar. */
export function dayHeading(day: string, today: string): string {
  if (day === today) return 'Today';
  if (day === addDays(today, 1)) return 'Tomorrow';
  if (day === addDays(today, -1)) return 'Yesterday';
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  return formatCalendarDay(day, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

const STEPS: readonly [limit: number, size: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60 * MINUTE, MINUTE, 'minute'],
  [24 * 60 * MINUTE, 60 * MINUTE, 'hour'],
  [30 * 24 * 60 * MINUTE, 24 * 60 * MINUTE, 'day'],
  [365 * 24 * 60 * MINUTE, 30 * 24 * 60 * MINUTE, 'month'],
  [Number.POSITIVE_INFINITY, 365 * 24 * 60 * MINUTE, 'year'],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

export function formatRelative(instant: string, now: number): string {
  const difference = new Date(instant).getTime() - now;
  if (Number.isNaN(difference)) return '—';
  if (Math.abs(difference) < 45_000) return 'just now';
  for (const [limit, size, unit] of STEPS) {
    if (Math.abs(difference) < limit) return relative.format(Math.round(difference / size), unit);
  }
  return '—';
}

/** "PST" today, "PDT" in summer. */
export function zoneName(zone: string, instant: number = Date.now()): string {
  const parts = formatter(zone, { timeZoneName: 'short' }).formatToParts(new Date(instant));
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? zone;
}
