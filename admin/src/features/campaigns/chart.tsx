import { VisuallyHidden } from '@mantine/core';
import type { CampaignOverTime } from '@/api/types';
import { formatDateTime, formatDay } from '@/lib/time';
import classes from './campaigns.module.css';

type Point = CampaignOverTime['points'][number];

const SERIES = [
  ['texted', 'Texted'],
  ['replied', 'Replied'],
  ['clicked', 'Clicked'],
  ['booked', 'Booked'],
  ['opted_out', 'Opted out'],
] as const satisfies readonly [keyof Point, string][];

const WIDTH = 640;
const HEIGHT = 150;
const LANE = 26;
const STEP = { hour: 3_600_000, day: 86_400_000 } as const;
/** More bars than these are too thin to be told apart. */
const MOST = 200;

/** Where each bar stands: by time, so that hours in which nothing happened are seen as gaps. */
export function places(points: readonly Point[], by: CampaignOverTime['by']): { left: number; width: number }[] {
  const first = Date.parse(points[0]?.at ?? '');
  // A day may last 23 or 25 hours.
  const slots = points.map((point) => Math.round((Date.parse(point.at) - first) / STEP[by]));
  const n = Math.min(MOST, Math.max(1, (slots.at(-1) ?? 0) + 1));
  const scale = n / Math.max(n, (slots.at(-1) ?? 0) + 1);
  const each = WIDTH / Math.max(n, 12);
  return slots.map((slot) => ({ left: slot * scale * each, width: Math.max(1.5, each - 2) }));
}

const most = (points: readonly Point[], name: (typeof SERIES)[number][0]): number =>
  Math.max(1, ...points.map((point) => point[name]));

/** Bars of who was texted, and below them what recipients did, each on a line of its own; the same as a table for who cannot see them. */
export function CampaignChart({ series, zone }: { series: CampaignOverTime; zone: string }) {
  const { points, by } = series;
  const at = (point: Point) => (by === 'hour' ? formatDateTime(point.at, zone) : formatDay(point.at, zone));
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return <p className={classes.facts}>Nothing has left yet.</p>;
  const bars = places(points, by);
  const deeds = SERIES.slice(1).filter(([name]) => points.some((point) => point[name] > 0));
  const height = HEIGHT + 20 + deeds.length * LANE;
  return (
    <figure className={classes.chart}>
      <div className={classes.legend} aria-hidden="true">
        <span>
          {at(first)} {last !== first && `– ${at(last)}`}
        </span>
        <span className={classes.whole}>
          {most(points, 'texted').toLocaleString('en-US')} texted in the busiest {by}
        </span>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true" preserveAspectRatio="none">
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {points.map((point, place) => {
          const tall = (point.texted / most(points, 'texted')) * (HEIGHT - 12);
          return (
            <rect
              key={point.at}
              data-series="texted"
              x={bars[place]?.left}
              width={bars[place]?.width}
              y={HEIGHT - tall}
              height={tall}
              rx={2}
            />
          );
        })}
        {deeds.map(([name], lane) => {
          const foot = HEIGHT + 20 + (lane + 1) * LANE - 6;
          return points.map((point, place) => {
            const tall = (point[name] / most(points, name)) * (LANE - 10);
            return (
              <rect
                key={`${name} ${point.at}`}
                data-series={name}
                x={bars[place]?.left}
                width={bars[place]?.width}
                y={foot - tall}
                height={tall}
                rx={1}
              />
            );
          });
        })}
      </svg>
      {deeds.length > 0 && (
        <ul className={classes.legend} aria-hidden="true">
          {deeds.map(([name, label]) => (
            <li key={name}>
              <span className={classes.swatch} data-series={name} />
              {label}
            </li>
          ))}
        </ul>
      )}
      <VisuallyHidden>
        <table>
          <caption>The campaign by the {by}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              {SERIES.map(([name, label]) => (
                <th key={name} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr key={point.at}>
                <th scope="row">{at(point)}</th>
                {SERIES.map(([name]) => (
                  <td key={name}>{point[name].toLocaleString('en-US')}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
