import { useZone } from '@/api/session';
import type { Campaign } from '@/api/types';
import { channel } from '@/lib/labels';
import { formatDateTime } from '@/lib/time';
import { AudienceWords } from './audience-words';
import classes from './campaigns.module.css';
import { share } from './words';

/** What was planned, in a few lines. */
export function PlanWords({ campaign }: { campaign: Campaign }) {
  const zone = useZone();
  const { sender_ids, quiet_hours, max_per_minute, pause_above, local_time } = campaign;
  const date = (value: string | null | undefined) => value && formatDateTime(value, zone);
  const lines: [string, React.ReactNode][] = [
    ['Audience', <AudienceWords key="audience" audience={campaign.audience} />],
    ['Began', date(campaign.launched_at)],
    ['Ended', date(campaign.ended_at)],
    ['Ends', !campaign.ended_at && date(campaign.ends_at)],
    ['Time of day', local_time && `${local_time} on each recipient’s clock`],
    ['Quiet hours', quiet_hours && `${quiet_hours.from} to ${quiet_hours.until} on their clock, besides those of law`],
    ['Channel', campaign.channel && channel(campaign.channel).label],
    ['Senders', sender_ids.length > 0 && `${sender_ids.length} of its own`],
    ['Pace', max_per_minute && `${max_per_minute.toLocaleString('en-US')} texts a minute at most`],
    ['On reply', campaign.stop_on_reply ? 'no further text' : 'goes on'],
    ['Pauses itself', pause_above ? `above ${share(pause_above, 1)} failed` : null],
  ];
  return (
    <dl className={classes.plan}>
      {lines
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label} className={classes.pair}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
