import { Button } from '@mantine/core';
import { IconClockEdit } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useOrganizationClock } from '@/api/clock';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import { AnchorLink } from '@/components/links';
import { notifyProblem } from '@/components/notify';
import { formatDateTime, zoneName } from '@/lib/time';
import classes from './shell.module.css';

/** On every page while simulation mode has moved the clock: nobody may take its times for real ones. */
export function ClockBanner() {
  const clock = useOrganizationClock();
  const maySet = useMay('simulator.use');
  const client = useQueryClient();
  const reset = api.useMutation('put', '/api/simulator/clock', {
    onSuccess: () => client.invalidateQueries(),
    onError: (error) => notifyProblem('The clock was not set', toProblem(error)),
  });
  if (!clock?.simulation || clock.ahead_seconds === 0) return null;
  const now = Date.parse(clock.now);
  return (
    <div className={classes.clockBanner} role="status" data-testid="clock-banner">
      <IconClockEdit size={18} stroke={1.8} aria-hidden />
      <span className={classes.clockText}>
        Simulation: here it is <strong>{formatDateTime(clock.now, clock.time_zone, Date.now())}</strong>{' '}
        {zoneName(clock.time_zone, now)}, {clock.ahead_seconds > 0 ? 'ahead of' : 'behind'} the real time.
      </span>
      {maySet && (
        <>
          <AnchorLink to="/simulator" inherit c="inherit" underline="always">
            Time machine
          </AnchorLink>
          <Button
            size="compact-sm"
            variant="default"
            loading={reset.isPending}
            data-testid="clock-reset"
            onClick={() => reset.mutate({ body: { reset: true } })}
          >
            Back to the real time
          </Button>
        </>
      )}
    </div>
  );
}
