import type { DashboardDay } from '@/api/types';
import { type BarSeries, DailyBars } from '@/components/daily-bars';

const MESSAGES: BarSeries<'inbound' | 'outbound'>[] = [
  { name: 'inbound', label: 'Received', color: 'petrol.3' },
  { name: 'outbound', label: 'Sent', color: 'petrol.6' },
];
const BOOKINGS: BarSeries<'booked' | 'cancelled'>[] = [
  { name: 'booked', label: 'Booked', color: 'green.5' },
  { name: 'cancelled', label: 'Cancelled', color: 'red.4' },
];

export function DailyCharts({ days, kind }: { days: DashboardDay[]; kind: 'messages' | 'bookings' }) {
  return kind === 'messages' ? (
    <DailyBars days={days} series={MESSAGES} caption="Texts per day" />
  ) : (
    <DailyBars days={days} series={BOOKINGS} caption="Bookings per day" />
  );
}
