import '@mantine/dates/styles.css';
import '@mantine/schedule/styles.css';
import { type ScheduleEventData, WeekView } from '@mantine/schedule';
import { useMemo } from 'react';
import { useZone } from '@/api/session';
import type { Slot } from '@/api/types';
import { slotLabel, slotState } from '@/lib/slots';
import { formatCalendarDay, formatDateTime, formatTime, wallClockString } from '@/lib/time';
import classes from './slots.module.css';
import { hasWeekend, visibleHours } from './week';

function hourLabel(value: string): string {
  const hour = Number(value.slice(11, 13));
  return `${hour % 12 === 0 ? 12 : hour % 12} ${hour < 12 ? 'AM' : 'PM'}`;
}

type WeekCalendarProps = { slots: Slot[]; monday: string; onOpen: (slotId: string) => void };

export function WeekCalendar({ slots, monday, onOpen }: WeekCalendarProps) {
  const zone = useZone();
  const hours = useMemo(() => visibleHours(slots, zone), [slots, zone]);
  const byId = useMemo(() => new Map(slots.map((slot) => [slot.id, slot])), [slots]);
  const events = useMemo<ScheduleEventData[]>(
    () =>
      slots.map((slot) => ({
        id: slot.id,
        title: slot.service_name,
        start: wallClockString(slot.start_time, zone),
        end: wallClockString(slot.end_time, zone),
        color: 'petrol',
      })),
    [slots, zone],
  );
  const manyServices = new Set(slots.map((slot) => slot.service_id)).size > 1;

  return (
    <div className={classes.calendar}>
      <WeekView
        className={classes.weekView}
        date={monday}
        events={events}
        withHeader={false}
        withAllDaySlots={false}
        withWeekNumber={false}
        withWeekendDays={hasWeekend(slots, monday, zone)}
        highlightToday
        withCurrentTimeIndicator
        withCurrentTimeBubble={false}
        getCurrentTime={() => wallClockString(new Date().toISOString(), zone)}
        startTime={hours.start}
        endTime={hours.end}
        slotHeight={92}
        radius={0}
        slotLabelFormat={hourLabel}
        weekdayFormat={(day) => formatCalendarDay(day.slice(0, 10), { weekday: 'short' })}
        scrollAreaProps={{ mah: 'max(480px, calc(100dvh - 240px))' }}
        onEventClick={(event) => onOpen(String(event.id))}
        // The grid behind the slots does nothing here, so it is no stop for the keyboard either.
        getTimeSlotProps={() => ({ tabIndex: -1, 'aria-hidden': true })}
        renderEvent={(event, props) => {
          const slot = byId.get(String(event.id));
          if (!slot) return <span />;
          const state = slotState(slot);
          const [clock, half] = formatTime(slot.start_time, zone).split(' ');
          const label = `${formatDateTime(slot.start_time, zone)}, ${slot.service_name} with ${slot.provider_name}: ${slotLabel(slot)}`;
          return (
            <button
              type="button"
              onClick={props.onClick}
              style={props.style}
              className={classes.event}
              data-slot={state}
              data-testid="slot"
              data-slot-id={slot.id}
              aria-label={label}
              title={label}
            >
              <span className={classes.eventBody}>
                {' '}
                <span className={classes.eventTime}>
                  {clock}
                  <span className={classes.half}> {half}</span>
                </span>
                <span className={classes.eventText}>{manyServices ? slot.service_name : slot.provider_name}</span>
                {slot.capacity > 1 && (
                  <span className={classes.eventText}>
                    {slot.taken}/{slot.capacity}
                  </span>
                )}
              </span>{' '}
            </button>
          );
        }}
      />
    </div>
  );
}
