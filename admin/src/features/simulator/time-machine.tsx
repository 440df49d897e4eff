import {
  ActionIcon,
  Alert,
  Button,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconBug, IconClockEdit, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { useOrganizationClock } from '@/api/clock';
import { type ApiProblem, toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Contact, Message, SimulatedClock, SimulatorFaultKind } from '@/api/types';
import { MessageStatusBadge } from '@/components/badges';
import { notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { ErrorState } from '@/components/states';
import { formatClock, formatDateTime, instantOf, wallClockString, zoneName } from '@/lib/time';
import { CODES, eventText, faultText, KINDS } from './faults';
import classes from './time-machine.module.css';

const POLL = { refetchInterval: 1_000, refetchIntervalInBackground: false, staleTime: 0 } as const;

const PRESETS: Record<SimulatedClock['presets'][number]['name'], string> = {
  tonight_quiet: 'Tonight, 10:30 PM',
  tomorrow_morning: 'Tomorrow, 9:00 AM',
  sunday_in_texas: 'Sunday, 10:00 AM in Texas',
  fall_back: 'The night clocks go back',
  spring_forward: 'The night clocks go forward',
};

const STEPS = [
  { label: '+1 min', seconds: 60 },
  { label: '+2 h', seconds: 7_200 },
  { label: '+1 day', seconds: 86_400 },
  { label: '+2 weeks', seconds: 14 * 86_400 },
  { label: '−1 day', seconds: -86_400 },
] as const;

/** The picker's "2027-03-14T01:30", a wall clock of the zone, as an instant; null while it is incomplete. */
function pickedInstant(value: string, zone: string): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(value);
  if (!match) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = match.slice(1).map(Number);
  return instantOf({ year, month, day, hour, minute, second: 0 }, zone).toISOString();
}

function ModeSwitch({ clock, onDone }: { clock: SimulatedClock; onDone: () => void }) {
  const may = useMay('settings.manage');
  const mode = api.useMutation('put', '/api/simulator/mode', {
    onSuccess: onDone,
    onError: (error) => notifyProblem('Simulation mode did not change', toProblem(error)),
  });
  const barred = !clock.simulation && clock.real_senders > 0;
  return (
    <>
      <Switch
        label="Simulation mode"
        description="The clock can be set and the carrier told to fail. No real sender can be added meanwhile."
        checked={clock.simulation}
        disabled={!may || barred || mode.isPending}
        data-testid="simulation-mode"
        onChange={(event) => mode.mutate({ body: { simulation: event.currentTarget.checked } })}
      />
      {barred && (
        <Text size="sm" c="dimmed" mt={8}>
          This organization has senders that reach people, so its time is the real one. Use an organization of its own
          for trying things out.
        </Text>
      )}
    </>
  );
}

function ClockCard({ clock }: { clock: SimulatedClock }) {
  const client = useQueryClient();
  const [picked, setPicked] = useState('');
  const done = () => void client.invalidateQueries();
  const set = api.useMutation('put', '/api/simulator/clock', {
    onSuccess: done,
    onError: (error) => notifyProblem('The clock was not set', toProblem(error)),
  });
  const zone = clock.time_zone;
  const shown = picked || wallClockString(clock.now, zone).slice(0, 16).replace(' ', 'T');
  const at = pickedInstant(picked, zone);
  return (
    <Card title="Time machine" aside={<IconClockEdit size={18} stroke={1.8} aria-hidden />} data-testid="time-machine">
      <ModeSwitch clock={clock} onDone={done} />
      {clock.simulation && (
        <>
          <p className={classes.now} data-testid="organization-now" data-ahead={clock.ahead_seconds}>
            {formatDateTime(clock.now, zone)} <span>{zoneName(zone, Date.parse(clock.now))}</span>
          </p>
          <Group gap={6} mb={10}>
            {STEPS.map(({ label, seconds }) => (
              <Button
                key={label}
                size="compact-sm"
                variant="default"
                disabled={set.isPending}
                onClick={() => set.mutate({ body: { advance_seconds: seconds } })}
              >
                {label}
              </Button>
            ))}
            <Button
              size="compact-sm"
              variant="light"
              disabled={set.isPending || clock.ahead_seconds === 0}
              onClick={() => set.mutate({ body: { reset: true } })}
            >
              Real time
            </Button>
          </Group>
          <Group gap={6} mb={14}>
            {clock.presets.map((preset) => (
              <Tooltip
                key={preset.name}
                label={`${formatDateTime(preset.at, preset.time_zone)} ${zoneName(preset.time_zone, Date.parse(preset.at))}`}
              >
                <Button
                  size="compact-sm"
                  variant="light"
                  disabled={set.isPending}
                  data-testid={`preset-${preset.name}`}
                  onClick={() => set.mutate({ body: { at: preset.at } })}
                >
                  {PRESETS[preset.name]}
                </Button>
              </Tooltip>
            ))}
          </Group>
          <Group gap={8} align="flex-end">
            <TextInput
              type="datetime-local"
              label={`Any time (${zone.replaceAll('_', ' ')})`}
              value={shown}
              onChange={(event) => setPicked(event.currentTarget.value)}
            />
            <Button
              disabled={!at || set.isPending}
              onClick={() => at && set.mutate({ body: { at } }, { onSuccess: () => setPicked('') })}
            >
              Set the clock
            </Button>
          </Group>
          <Text size="xs" c="dimmed" mt={10}>
            A jump ahead lets everything happen that falls due on the way. Sign-ins, keys and the audit log keep the
            real time. After a jump back, lists show what happened in the future first.
          </Text>
        </>
      )}
    </Card>
  );
}

function FaultForm({ contact }: { contact: Contact | undefined }) {
  const client = useQueryClient();
  const [kind, setKind] = useState<SimulatorFaultKind>('error_by_report');
  const [code, setCode] = useState('30003');
  const [minutes, setMinutes] = useState<number | string>(60);
  const [times, setTimes] = useState<number | string>(1);
  const [mine, setMine] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const words = KINDS[kind];
  const add = api.useMutation('post', '/api/simulator/faults', {
    onSuccess: () => {
      setProblem(null);
      void client.invalidateQueries({ queryKey: ['get', '/api/simulator/faults'] });
    },
    onError: (error) => setProblem(toProblem(error)),
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({
          body: {
            kind,
            error_code: words.code ? code : undefined,
            after_seconds: kind === 'late' && typeof minutes === 'number' ? minutes * 60 : undefined,
            times: typeof times === 'number' ? times : undefined,
            contact_id: mine && contact ? contact.id : undefined,
          },
        });
      }}
    >
      <Select
        label="The carrier is to"
        description={words.hint}
        data={Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
        value={kind}
        allowDeselect={false}
        onChange={(value) => value && setKind(value as SimulatorFaultKind)}
      />
      {words.code && (
        <Select
          label="Error"
          data={[...CODES]}
          value={code}
          allowDeselect={false}
          searchable
          onChange={(value) => value && setCode(value)}
        />
      )}
      {kind === 'late' && (
        <NumberInput label="Minutes late" min={1} max={10_080} value={minutes} onChange={setMinutes} />
      )}
      <NumberInput
        label="Texts"
        description="Empty: until it is removed"
        min={1}
        max={1000}
        value={times}
        onChange={setTimes}
      />
      <Switch
        label="Only to this phone"
        checked={mine && contact !== undefined}
        disabled={!contact}
        onChange={(event) => setMine(event.currentTarget.checked)}
      />
      {problem && (
        <Alert color="red" variant="light" role="alert">
          {problem.message}
        </Alert>
      )}
      <Button type="submit" variant="light" loading={add.isPending} data-testid="add-fault">
        Add the fault
      </Button>
    </form>
  );
}

function FaultsCard({ contact }: { contact: Contact | undefined }) {
  const client = useQueryClient();
  const faults = api.useQuery('get', '/api/simulator/faults', { params: { query: { limit: 50 } } }, POLL);
  const remove = api.useMutation('delete', '/api/simulator/faults/{id}', {
    onSuccess: () => client.invalidateQueries({ queryKey: ['get', '/api/simulator/faults'] }),
    onError: (error) => notifyProblem('The fault was not removed', toProblem(error)),
  });
  return (
    <Card title="The carrier’s faults" aside={<IconBug size={18} stroke={1.8} aria-hidden />} data-testid="faults">
      {faults.error ? <ErrorState error={faults.error} onRetry={() => void faults.refetch()} /> : null}
      {faults.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          None: every text is reported sent, then delivered.
        </Text>
      )}
      <ul className={classes.faults} aria-label="Faults, the first that fits a text happens to it">
        {faults.data?.items.map((fault) => (
          <li key={fault.id} data-testid="fault" data-used={fault.times_left === 0 || undefined}>
            <span>{faultText(fault)}</span>
            <ActionIcon
              variant="subtle"
              color="red"
              aria-label={`Remove: ${faultText(fault)}`}
              onClick={() => remove.mutate({ params: { path: { id: fault.id } } })}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <FaultForm contact={contact} />
    </Card>
  );
}

function LogCard({ contact, messages, zone }: { contact: Contact; messages: Message[]; zone: string }) {
  const log = api.useQuery(
    'get',
    '/api/simulator/log',
    { params: { query: { contact_id: contact.id, limit: 60 } } },
    POLL,
  );
  const texts = new Map(messages.map((message) => [message.id, message]));
  return (
    <Card
      title="What the carrier did"
      aside={<span className={classes.aside}>newest first</span>}
      data-testid="carrier-log"
    >
      {log.error ? <ErrorState error={log.error} onRetry={() => void log.refetch()} /> : null}
      {log.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing sent to this phone yet.
        </Text>
      )}
      <ol className={classes.log} aria-label="What the carrier did with each text" aria-live="polite">
        {log.data?.items.map((event) => (
          <li
            key={event.id}
            data-testid="carrier-event"
            data-effect={event.effect ?? undefined}
            data-pending={(event.what === 'report' && !event.happened_at) || undefined}
          >
            <time dateTime={event.happened_at ?? event.due_at}>
              {formatClock(event.happened_at ?? event.due_at, zone)}
            </time>
            <span>
              {eventText(event)}
              <small>{texts.get(event.message_id)?.body}</small>
            </span>
            {event.what !== 'report' && <MessageStatusBadge value={event.message_status} />}
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** The clock of an organization in simulation mode, what its carrier is to do wrong, and what came of it. */
export function TimeMachine({ contact, messages }: { contact: Contact | undefined; messages: Message[] }) {
  const clock = useOrganizationClock();
  if (!clock) return null;
  return (
    <SimpleGrid cols={{ base: 1, md: clock.simulation ? 2 : 1 }} spacing={16} mt={20} className={classes.machine}>
      <Stack gap={16}>
        <ClockCard clock={clock} />
        {contact && clock.simulation && <LogCard contact={contact} messages={messages} zone={clock.time_zone} />}
      </Stack>
      {clock.simulation && <FaultsCard contact={contact} />}
    </SimpleGrid>
  );
}
