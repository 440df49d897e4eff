import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useZone } from '@/api/session';
import type { Slot } from '@/api/types';
import { useNow } from '@/components/relative-time';
import { EmptyState } from '@/components/states';
import { slotLabel, slotState } from '@/lib/slots';
import { dayHeading, dayKey, formatCalendarDay, formatRange } from '@/lib/time';
import classes from './slots.module.css';
import { slotsByDay } from './week';

/** The week on a narrow screen: seven days to tap, one of them as a list. */
export function DayList({
  slots,
  monday,
  onOpen,
}: {
  slots: Slot[];
  monday: string;
  onOpen: (slotId: string) => void;
}) {
  const zone = useZone();
  const today = dayKey(useNow(), zone);
  const days = slotsByDay(slots, monday, zone);
  const first = days.find((d) => d.day >= today && d.slots.length > 0) ?? days.find((d) => d.slots.length > 0);
  const [picked, setPicked] = useState<string | null>(null);
  const current = days.find((d) => d.day === (picked ?? first?.day)) ?? days[0];
  if (!current) return null;
  return (
    <div>
      <fieldset className={classes.days}>
        <legend className={classes.hidden}>Day</legend>
        {days.map(({ day, slots: ofDay }) => (
          <UnstyledButton
            key={day}
            className={classes.dayButton}
            aria-pressed={day === current.day}
            aria-label={`${formatCalendarDay(day, { weekday: 'long', month: 'long', day: 'numeric' })}, ${ofDay.length} slots`}
            data-none={ofDay.length === 0 || undefined}
            onClick={() => setPicked(day)}
          >
            <span>{formatCalendarDay(day, { weekday: 'narrow' })}</span>
            <strong>{formatCalendarDay(day, { day: 'numeric' })}</strong>
          </UnstyledButton>
        ))}
      </fieldset>
      <h3 className={classes.dayHeading}>{dayHeading(current.day, today)}</h3>
      {current.slots.length === 0 ? (
        <EmptyState title="No slots this day" />
      ) : (
        <ul className={classes.list}>
          {current.slots.map((slot) => (
            <li key={slot.id}>
              <UnstyledButton
                className={classes.item}
                onClick={() => onOpen(slot.id)}
                data-testid="slot"
                data-slot={slotState(slot)}
                data-slot-id={slot.id}
              >
                <span className={classes.itemTime}>{formatRange(slot.start_time, slot.end_time, zone)}</span>
                <span className={classes.itemText}>
                  {slot.service_name} with {slot.provider_name}
                </span>
                <span className={classes.itemState}>{slotLabel(slot)}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
