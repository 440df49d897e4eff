import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useAhead } from '@/api/clock';
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

/** The machine's present, to the nearest tick. */
function useMachineNow(): number {
  const tick = useSyncExternalStore(subscribe, () => now);
  return listeners.size === 0 ? Date.now() : tick;
}

/** The present as the organization has it, to the nearest tick: simulation mode may have moved its clock. */
export const useNow = (): number => useMachineNow() + useAhead();

/** `real`: a time of the machine's clock, which simulation mode never moves: sign-ins, keys, the audit log, jobs, webhooks. */
export function RelativeTime({ value, real, className }: { value: string; real?: boolean; className?: string }) {
  const zone = useZone();
  const machine = useMachineNow();
  const ahead = useAhead();
  const offset = real ? 0 : ahead;
  // A fresh time may be younger than the last tick.
  const present = Math.max(machine, Math.min(Date.now(), Date.parse(value) - offset)) + offset;
  return (
    <Tooltip label={formatDateTime(value, zone)}>
      <time dateTime={value} className={className}>
        {formatRelative(value, present)}
      </time>
    </Tooltip>
  );
}
