import { TextInput } from '@mantine/core';
import { addDays, isDay, startOfDay } from '@/lib/time';

/** The end of the last day on which an entry blocks; undefined where it has none. */
export const endOf = (day: string, zone: string): string | undefined =>
  isDay(day) ? startOfDay(addDays(day, 1), zone).toISOString() : undefined;

export function UntilField({
  value,
  error,
  onChange,
}: {
  value: string;
  error?: string | undefined;
  onChange: (day: string) => void;
}) {
  return (
    <TextInput
      type="date"
      label="Until"
      description="The last day it holds. Empty: for good."
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
