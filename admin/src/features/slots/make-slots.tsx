import { Alert, Button, Drawer, Group, Menu, Stack, Text, TextInput } from '@mantine/core';
import { IconCalendarPlus, IconChevronDown, IconEraser, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import { ProviderSelect, ServiceSelect } from '@/components/catalog-select';
import { type Hours, HoursFields } from '@/components/hours-fields';
import { notifyDone } from '@/components/notify';
import { addDays, formatCalendarDay, startOfDay } from '@/lib/time';
import { endOfHours, hoursProblem } from '@/lib/weekdays';
import { instantOfInputs } from './week';

type Start = { monday: string; service: string | null; provider: string | null };
type FormProps = Start & { onClose: () => void };

function Failure({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {toProblem(error).message}
    </Alert>
  );
}

function useWhose(start: Start) {
  const [service, setService] = useState(start.service);
  const [provider, setProvider] = useState(start.provider);
  const fields = (
    <>
      <ServiceSelect value={service} onChange={setService} required />
      <ProviderSelect value={provider} onChange={setProvider} required />
    </>
  );
  return { service, provider, fields };
}

function AddForm({ onClose, ...start }: FormProps) {
  const client = useQueryClient();
  const zone = useZone();
  const { service, provider, fields } = useWhose(start);
  const [day, setDay] = useState('');
  const [time, setTime] = useState('09:00');
  const at = instantOfInputs(day, time, zone);
  const create = api.useMutation('post', '/api/slots', {
    onSuccess: async () => {
      notifyDone('Slot added');
      onClose();
      await calendarChanged(client);
    },
  });
  return (
    <Stack gap="md">
      {fields}
      <Group grow>
        <TextInput type="date" label="Day" required value={day} onChange={(e) => setDay(e.currentTarget.value)} />
        <TextInput type="time" label="Begins" required value={time} onChange={(e) => setTime(e.currentTarget.value)} />
      </Group>
      <Text size="sm" c="dimmed">
        It lasts as long as the service. The time is meant in {zone.replaceAll('_', ' ')}.
      </Text>
      <Failure error={create.error} />
      <Button
        disabled={!service || !provider || !at}
        loading={create.isPending}
        onClick={() =>
          service &&
          provider &&
          at &&
          create.mutate({ body: { service_id: service, provider_id: provider, start_time: at } })
        }
      >
        Add slot
      </Button>
    </Stack>
  );
}

function GenerateForm({ onClose, ...start }: FormProps) {
  const client = useQueryClient();
  const { service, provider, fields } = useWhose(start);
  const [hours, setHours] = useState<Hours>({
    weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    from: '09:00',
    to: '17:00',
  });
  const [from, setFrom] = useState(start.monday);
  const [to, setTo] = useState(addDays(start.monday, 27));
  const problem = hoursProblem(hours.from, hours.to);
  const ready = service && provider && hours.weekdays.length > 0 && !problem && from && to;
  const body = {
    service_id: service ?? '',
    provider_id: provider ?? '',
    hours: [{ weekdays: hours.weekdays, from: hours.from, to: endOfHours(hours.to) }],
    from,
    to,
  };
  const preview = api.useMutation('post', '/api/slots/generate');
  const make = api.useMutation('post', '/api/slots/generate', {
    onSuccess: async ({ made }) => {
      notifyDone('Slots made', `${made} new ones.`);
      onClose();
      await calendarChanged(client);
    },
  });
  // A preview of something else is none.
  const previewed = JSON.stringify(preview.variables?.body) === JSON.stringify({ ...body, dry_run: true });
  const shown = previewed ? preview.data : undefined;
  return (
    <Stack gap="md">
      {fields}
      <HoursFields value={hours} onChange={setHours} error={problem} />
      <Group grow>
        <TextInput
          type="date"
          label="First day"
          required
          value={from}
          onChange={(e) => setFrom(e.currentTarget.value)}
        />
        <TextInput type="date" label="Last day" required value={to} onChange={(e) => setTo(e.currentTarget.value)} />
      </Group>
      <Text size="sm" c="dimmed">
        Slots are made once, on the clock of the provider’s zone. For slots that never run out, set weekly hours under
        Availability.
      </Text>
      {shown && (
        <Alert color="petrol" variant="light" title={`${shown.made} new slots`} data-testid="preview">
          {shown.existing > 0 && <div>{shown.existing} are there already and stay as they are.</div>}
          {shown.past > 0 && <div>{shown.past} would be past.</div>}
          {shown.closed > 0 && <div>{shown.closed} lie on closed days and will not be offered.</div>}
          {shown.days.slice(0, 7).map((day) => (
            <div key={day.date}>
              {formatCalendarDay(day.date, { weekday: 'short', month: 'short', day: 'numeric' })}: {day.slots}
            </div>
          ))}
          {shown.days.length > 7 && <div>and {shown.days.length - 7} more days</div>}
        </Alert>
      )}
      <Failure error={preview.error ?? make.error} />
      <Group justify="flex-end">
        <Button
          variant="default"
          disabled={!ready}
          loading={preview.isPending}
          onClick={() => preview.mutate({ body: { ...body, dry_run: true } })}
        >
          Preview
        </Button>
        <Button
          disabled={!ready || !shown || shown.made === 0}
          loading={make.isPending}
          onClick={() => make.mutate({ body })}
        >
          Make slots
        </Button>
      </Group>
    </Stack>
  );
}

function ClearForm({ onClose, ...start }: FormProps) {
  const client = useQueryClient();
  const zone = useZone();
  const [service, setService] = useState(start.service);
  const [provider, setProvider] = useState(start.provider);
  const [from, setFrom] = useState(start.monday);
  const [to, setTo] = useState(addDays(start.monday, 6));
  const clear = api.useMutation('post', '/api/slots/clear', {
    onSuccess: async ({ removed, taken }) => {
      notifyDone('Slots removed', `${removed} removed, ${taken} taken ones stay.`);
      onClose();
      await calendarChanged(client);
    },
  });
  return (
    <Stack gap="md">
      <ServiceSelect value={service} onChange={setService} placeholder="Every service" clearable />
      <ProviderSelect value={provider} onChange={setProvider} placeholder="Every provider" clearable />
      <Group grow>
        <TextInput
          type="date"
          label="First day"
          required
          value={from}
          onChange={(e) => setFrom(e.currentTarget.value)}
        />
        <TextInput type="date" label="Last day" required value={to} onChange={(e) => setTo(e.currentTarget.value)} />
      </Group>
      <Text size="sm" c="dimmed">
        Free slots that are still to come are removed, and weekly hours do not make them again. Whoever has a time keeps
        it.
      </Text>
      <Failure error={clear.error} />
      <Button
        color="red"
        disabled={!from || !to || to < from}
        loading={clear.isPending}
        onClick={() =>
          clear.mutate({
            body: {
              service_id: service,
              provider_id: provider,
              from: startOfDay(from, zone).toISOString(),
              to: startOfDay(addDays(to, 1), zone).toISOString(),
            },
          })
        }
      >
        Remove free slots
      </Button>
    </Stack>
  );
}

const FORMS = {
  add: { title: 'Add a slot', Form: AddForm },
  generate: { title: 'Make slots from weekly hours', Form: GenerateForm },
  clear: { title: 'Remove free slots', Form: ClearForm },
} as const;

/** The menu above the calendar: one slot, many, or none. */
export function MakeSlots(start: Start) {
  const writes = useMay('catalog.write');
  const [form, setForm] = useState<keyof typeof FORMS | null>(null);
  if (!writes) return null;
  const close = () => setForm(null);
  const { title, Form } = form ? FORMS[form] : { title: '', Form: null };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button rightSection={<IconChevronDown size={16} />}>Change slots</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => setForm('add')}>
            Add one slot
          </Menu.Item>
          <Menu.Item leftSection={<IconCalendarPlus size={16} />} onClick={() => setForm('generate')}>
            Make from weekly hours
          </Menu.Item>
          <Menu.Item leftSection={<IconEraser size={16} />} onClick={() => setForm('clear')}>
            Remove free slots
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Drawer
        opened={form !== null}
        onClose={close}
        position="right"
        size="md"
        title={title}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {Form && <Form {...start} onClose={close} />}
      </Drawer>
    </>
  );
}
