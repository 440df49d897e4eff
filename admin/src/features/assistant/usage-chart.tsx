import { type BarSeries, DailyBars } from '@/components/daily-bars';
import type { UsageDay } from './usage-days';

const CALLS: BarSeries<'answered' | 'failed'>[] = [
  { name: 'answered', label: 'Answered', color: 'petrol.5' },
  { name: 'failed', label: 'Failed', color: 'red.4' },
];

export function UsageChart({ days }: { days: UsageDay[] }) {
  return <DailyBars days={days} series={CALLS} caption="Calls to language models per day" height={220} />;
}
