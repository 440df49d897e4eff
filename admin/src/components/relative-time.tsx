import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useZone } from '@/api/session';
import { formatDateTime, formatRelative } from '@/lib/time';

// One ticking clock for every relative time on the page.
const TICK = 20_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The present, to the nearest tick. */
export function useNow(): number {
  const tick = useSyncExternalStore(subscribe, () => now);
  return listeners.size === 0 ? Date.now() : tick;
}

export function RelativeTime({ value, className }: { value: string; className?: string }) {
  const zone = useZone();
  // A fresh time may be younger than the last tick.
  const present = Math.max(useNow(), Math.min(Date.now(), Date.parse(value)));
  return (
    <Tooltip label={formatDateTime(value, zone)}>
      <time dateTime={value} className={className}>
        {formatRelative(value, present)}
      </time>
    </Tooltip>
  );
}
