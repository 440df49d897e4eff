import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { VisuallyHidden } from '@mantine/core';
import type { DashboardDay } from '@/api/types';
import { formatCalendarDay } from '@/lib/time';

type Series = { name: 'inbound' | 'outbound' | 'booked' | 'cancelled'; label: string; color: string };

const MESSAGES: Series[] = [
  { name: 'inbound', label: 'Received', color: 'petrol.3' },
  { name: 'outbound', label: 'Sent', color: 'petrol.6' },
];
const BOOKINGS: Series[] = [
  { name: 'booked', label: 'Booked', color: 'green.5' },
  { name: 'cancelled', label: 'Cancelled', color: 'red.4' },
];

function DailyBars({
  days,
  series,
  caption,
  height,
}: {
  days: DashboardDay[];
  series: Series[];
  caption: string;
  height: number;
}) {
  return (
    <figure style={{ margin: 0 }}>
      <div aria-hidden="true">
        <BarChart
          h={height}
          data={days}
          dataKey="date"
          type="stacked"
          series={series}
          withLegend
          legendProps={{ verticalAlign: 'top', align: 'right', height: 34 }}
          gridAxis="x"
          tickLine="none"
          strokeDasharray="2 4"
          maxBarWidth={26}
          barChartProps={{ accessibilityLayer: false }}
          yAxisProps={{ allowDecimals: false, width: 34 }}
          xAxisProps={{
            tickFormatter: (day: string) => formatCalendarDay(day, { month: 'short', day: 'numeric' }),
            minTickGap: 18,
          }}
          tooltipProps={{
            labelFormatter: (day) => formatCalendarDay(String(day), { weekday: 'long', month: 'long', day: 'numeric' }),
          }}
          barProps={{ isAnimationActive: false, radius: 3 }}
        />
      </div>
      <VisuallyHidden>
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {series.map((s) => (
                <th key={s.name} scope="col">
                  {s.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map((day) => (
              <tr key={day.date}>
                <th scope="row">{day.date}</th>
                {series.map((s) => (
                  <td key={s.name}>{day[s.name]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}

export function DailyCharts({ days, kind }: { days: DashboardDay[]; kind: 'messages' | 'bookings' }) {
  return kind === 'messages' ? (
    <DailyBars days={days} series={MESSAGES} caption="Texts per day" height={250} />
  ) : (
    <DailyBars days={days} series={BOOKINGS} caption="Bookings per day" height={250} />
  );
}
