import type { FiguresPiece } from '@/api/types';
import { type BarSeries, DailyBars } from '@/components/daily-bars';

const MESSAGES: BarSeries<'texts_in' | 'texts_out'>[] = [
  { name: 'texts_in', label: 'Received', color: 'petrol.3' },
  { name: 'texts_out', label: 'Sent', color: 'petrol.6' },
];
const BOOKINGS: BarSeries<'booked' | 'cancelled'>[] = [
  { name: 'booked', label: 'Booked', color: 'green.5' },
  { name: 'cancelled', label: 'Cancelled', color: 'red.4' },
];

export function DailyCharts({ days, kind }: { days: FiguresPiece[]; kind: 'messages' | 'bookings' }) {
  const flat = days.map(({ date, figures }) => ({ ...figures, date }));
  return kind === 'messages' ? (
    <DailyBars days={flat} series={MESSAGES} caption="Texts per day" />
  ) : (
    <DailyBars days={flat} series={BOOKINGS} caption="Bookings per day" />
  );
}
