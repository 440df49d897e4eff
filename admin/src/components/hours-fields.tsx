import { Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { shortDay, WEEKDAYS, type WeekdayName } from '@/lib/weekdays';

export type Hours = { weekdays: WeekdayName[]; from: string; to: string };

type Props = { value: Hours; onChange: (value: Hours) => void; disabled?: boolean; error?: string | null };

/** Days of the week and the hours on them. */
export function HoursFields({ value, onChange, disabled, error }: Props) {
  return (
    <Stack gap="sm">
      <Checkbox.Group
        label="Days"
        value={value.weekdays}
        onChange={(days) => onChange({ ...value, weekdays: WEEKDAYS.filter((day) => days.includes(day)) })}
      >
        <Group gap="sm" mt={6}>
          {WEEKDAYS.map((day) => (
            <Checkbox key={day} value={day} label={shortDay(day)} disabled={disabled} />
          ))}
        </Group>
      </Checkbox.Group>
      <Group grow align="start">
        <TextInput
          type="time"
          label="From"
          value={value.from}
          disabled={disabled}
          onChange={(event) => onChange({ ...value, from: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label="To"
          value={value.to}
          disabled={disabled}
          onChange={(event) => onChange({ ...value, to: event.currentTarget.value })}
        />
      </Group>
      {error && (
        <Text size="sm" c="red" role="alert">
          {error}
        </Text>
      )}
    </Stack>
  );
}
