import { VisuallyHidden } from '@mantine/core';
import { useZone } from '@/api/session';
import type { Sender, SenderDetail } from '@/api/types';
import { Pill } from '@/components/badges';
import { healthLabel, healthText, lastDay } from '@/lib/senders';
import { formatTime } from '@/lib/time';
import classes from './senders.module.css';

/** Delivered, failed and not known yet, as a bar; the sentence beside it says the same. */
export function HealthBar({ health }: { health: Sender['health'] }) {
  const { tried, delivered, failed } = health;
  const share = (n: number) => ({ width: `${(n / Math.max(tried, 1)) * 100}%` });
  const { label, tone } = healthLabel(health);
  return (
    <div className={classes.health} data-testid="sender-health">
      <div className={classes.healthTop}>
        {tried > 0 && <Pill tone={tone}>{label}</Pill>}
        <span className={classes.sentence}>{healthText(health)}</span>
      </div>
      {tried > 0 && (
        <div className={classes.bar} aria-hidden="true">
          <span data-part="delivered" style={share(delivered)} />
          <span data-part="failed" style={share(failed)} />
        </div>
      )}
    </div>
  );
}

/** Texts by the hour. Who cannot see the bars gets the hours in which something was sent as a table. */
export function LastDay({ hours, now }: { hours: SenderDetail['hours']; now: number }) {
  const zone = useZone();
  const day = lastDay(hours, now);
  const most = Math.max(1, ...day.map((one) => one.tried));
  const busy = day.filter((one) => one.tried > 0);
  if (busy.length === 0) return <p className={classes.sentence}>Nothing was sent in the last 24 hours.</p>;
  return (
    <>
      <div className={classes.hours} aria-hidden="true">
        {day.map((one) => (
          <span
            key={one.hour}
            className={classes.hour}
            title={`${formatTime(one.hour, zone)}: ${one.tried} sent, ${one.failed} failed`}
          >
            <span data-part="failed" style={{ height: `${(one.failed / most) * 100}%` }} />
            <span data-part="tried" style={{ height: `${((one.tried - one.failed) / most) * 100}%` }} />
          </span>
        ))}
      </div>
      <p className={classes.hoursLegend} aria-hidden="true">
        <span>24 hours ago</span>
        <span>now</span>
      </p>
      <VisuallyHidden>
        <table>
          <caption>Texts of the last 24 hours by the hour</caption>
          <thead>
            <tr>
              <th>Hour</th>
              <th>Sent</th>
              <th>Delivered</th>
              <th>Failed</th>
            </tr>
          </thead>
          <tbody>
            {busy.map((one) => (
              <tr key={one.hour}>
                <td>{formatTime(one.hour, zone)}</td>
                <td>{one.tried}</td>
                <td>{one.delivered}</td>
                <td>{one.failed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
