import { Alert, Button, Select, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import type { QuietHoursCheck } from '@/api/types';
import { Pill } from '@/components/badges';
import { Card } from '@/components/page';
import { ErrorState } from '@/components/states';
import { formatDateTime, instantOf } from '@/lib/time';
import { clockLabel } from './hours';
import classes from './quiet-hours.module.css';

const PURPOSES = [
  { value: 'marketing', label: 'Marketing' },
  { value: 'transactional', label: 'Reminders and notices' },
  { value: 'conversational', label: 'A conversation we begin' },
] as const;

type Purpose = (typeof PURPOSES)[number]['value'];
/** What the rules are called, by their ids. */
type Titles = ReadonlyMap<string, string>;
type Asked = { phone_number: string; postal_code?: string; purpose: Purpose; at?: string };

const SOURCES: Record<string, string> = {
  zone: 'their own time zone',
  postal_code: 'the ZIP or postal code',
  area_code: 'the area code',
  country: 'the country of the number',
  unknown: 'nothing: it may be anywhere in the United States',
};

/** What a date-and-time field holds, on the organization's clock. */
function instant(value: string, zone: string): string | undefined {
  const [, year, month, day, hour, minute] = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(value)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined || hour === undefined || minute === undefined)
    return undefined;
  return instantOf({ year, month, day, hour, minute, second: 0 }, zone).toISOString();
}

function Result({ check, titles }: { check: QuietHoursCheck; titles: Titles }) {
  const zone = useZone();
  const { decision } = check;
  const open = decision.outcome === 'open';
  const color = open ? 'green' : decision.outcome === 'hold' ? 'brass' : 'red';
  return (
    <div data-testid="quiet-hours-result">
      <Alert color={color} variant="light" mt="md" role="status" title={check.sentence}>
        Asked for {formatDateTime(check.at, zone)} on your clock. Where they may be was read from{' '}
        {SOURCES[check.places.source] ?? check.places.source}.
      </Alert>
      <ul className={classes.voices} aria-label="Rules that spoke">
        {decision.spoken.map((voice) => (
          <li key={`${voice.rule} ${voice.zone} ${voice.region ?? ''}`}>
            <Pill tone={voice.open ? 'good' : 'warn'}>{voice.open ? 'Open' : 'Closed'}</Pill>
            <strong>{titles.get(voice.rule) ?? voice.rule}</strong>
            <span>{voice.zone.replaceAll('_', ' ')}</span>
            <span>
              {voice.holiday ??
                (voice.today.map((h) => `${clockLabel(h.from)} – ${clockLabel(h.to)}`).join(', ') || 'closed that day')}
            </span>
            {voice.overridden_by && <span>overridden</span>}
          </li>
        ))}
      </ul>
      {check.caps.map((cap) => (
        <Text key={cap.rule} size="sm" mt={6}>
          {cap.rule === 'organization' ? 'Your own cap' : (titles.get(cap.rule) ?? cap.rule)}: at most {cap.texts} texts
          in {cap.rule === 'organization' ? `${cap.hours / 24} days` : `${cap.hours} hours`}.
        </Text>
      ))}
    </div>
  );
}

/** What would be decided for a number, now or at another time. */
export function CheckNumber({ titles }: { titles: Titles }) {
  const zone = useZone();
  const [number, setNumber] = useState('');
  const [code, setCode] = useState('');
  const [purpose, setPurpose] = useState<Purpose>('marketing');
  const [at, setAt] = useState('');
  const [asked, setAsked] = useState<Asked | null>(null);
  const query = api.useQuery(
    'get',
    '/api/compliance/check',
    { params: { query: asked ?? { phone_number: '' } } },
    { enabled: asked !== null, placeholderData: keepPreviousData, retry: false },
  );
  const problem = query.error ? toProblem(query.error) : null;
  return (
    <Card title="Check a number">
      <form
        className={classes.check}
        onSubmit={(event) => {
          event.preventDefault();
          setAsked({
            phone_number: number.trim(),
            postal_code: code.trim() || undefined,
            purpose,
            at: instant(at, zone),
          });
          // The same question again is asked again: time has passed.
          if (asked) void query.refetch();
        }}
      >
        <TextInput
          label="Phone number"
          type="tel"
          required
          maxLength={40}
          value={number}
          error={problem?.field('phone_number')}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <TextInput
          label="ZIP or postal code"
          maxLength={12}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Select
          label="Purpose"
          allowDeselect={false}
          data={PURPOSES}
          value={purpose}
          onChange={(value) => setPurpose(PURPOSES.find((p) => p.value === value)?.value ?? 'marketing')}
        />
        <TextInput
          label="At (your clock)"
          type="datetime-local"
          value={at}
          error={problem?.field('at')}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <Button
          type="submit"
          leftSection={<IconSearch size={16} />}
          loading={query.isFetching}
          disabled={!number.trim()}
        >
          Check
        </Button>
      </form>
      {problem && problem.fields.length === 0 && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      {query.data && !problem && <Result check={query.data} titles={titles} />}
    </Card>
  );
}
