import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { Table } from '@mantine/core';
import classes from './analytics.module.css';

export type ChartSeries = { name: string; label: string; color: string };
export type ChartPoint = { key: string; short: string; long: string } & Record<string, string | number | null>;

type ChartProps = {
  caption: string;
  /** What the rows of the table are. */
  unit: string;
  points: ChartPoint[];
  series: ChartSeries[];
  kind?: 'stacked' | 'bars' | 'line';
  format?: (value: number) => string;
};

/** Numbers over time, and the same as a table for whoever cannot, or would rather not, see them drawn. Heavy: load it lazily. */
export function SeriesChart({ caption, unit, points, series, kind = 'stacked', format = String }: ChartProps) {
  const shared = {
    h: 240,
    data: points,
    dataKey: 'key',
    series,
    withLegend: series.length > 1,
    // Five names take two lines on a phone.
    legendProps: { verticalAlign: 'top', align: 'right', height: series.length > 3 ? 58 : 34 } as const,
    gridAxis: 'x' as const,
    tickLine: 'none' as const,
    strokeDasharray: '2 4',
    valueFormatter: format,
    yAxisProps: { allowDecimals: false, width: 46 },
    xAxisProps: {
      tickFormatter: (key: string) => points.find((point) => point.key === key)?.short ?? '',
      minTickGap: 18,
    },
    tooltipProps: { labelFormatter: (key: unknown) => points.find((point) => point.key === key)?.long ?? '' },
  };
  return (
    <figure className={classes.figure}>
      <div aria-hidden="true">
        {kind === 'line' ? (
          <LineChart
            {...shared}
            curveType="monotone"
            connectNulls={false}
            withDots={points.length <= 40}
            lineChartProps={{ accessibilityLayer: false }}
            lineProps={{ isAnimationActive: false }}
          />
        ) : (
          <BarChart
            {...shared}
            type={kind === 'stacked' ? 'stacked' : 'default'}
            maxBarWidth={26}
            barChartProps={{ accessibilityLayer: false }}
            barProps={{ isAnimationActive: false, radius: 2 }}
          />
        )}
      </div>
      <details className={classes.asTable}>
        <summary>{caption} as a table</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, so it must be reachable by keyboard */}
        <section className={classes.tableScroll} tabIndex={0} aria-label={`${caption}, table`}>
          <Table verticalSpacing={4} fz="sm" className={classes.numbers}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{unit}</Table.Th>
                {series.map((s) => (
                  <Table.Th key={s.name} scope="col">
                    {s.label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {points.map((point) => (
                <Table.Tr key={point.key}>
                  <Table.Th scope="row">{point.long}</Table.Th>
                  {series.map((s) => {
                    const value = point[s.name];
                    return <Table.Td key={s.name}>{typeof value === 'number' ? format(value) : '—'}</Table.Td>;
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      </details>
    </figure>
  );
}
