import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { VisuallyHidden } from '@mantine/core';
import { formatCalendarDay } from '@/lib/time';

export type BarSeries<K extends string> = { name: K; label: string; color: string };

type DailyBarsProps<K extends string> = {
  days: readonly ({ date: string } & Record<K, number>)[];
  series: BarSeries<K>[];
  caption: string;
  height?: number;
};

/** Stacked counts per day, and the same as a table for who cannot see them. Heavy: load it lazily. */
export function DailyBars<K extends string>({ days, series, caption, height = 250 }: DailyBarsProps<K>) {
  return (
    <figure style={{ margin: 0 }}>
      <div aria-hidden="true">
        <BarChart
          h={height}
          data={[...days]}
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
