import { Group, MultiSelect, NumberInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { api } from '@/api/client';
import { useMay, useZone } from '@/api/session';
import { channel } from '@/lib/labels';
import { formatPhone } from '@/lib/phone';
import { zoneName } from '@/lib/time';
import classes from './campaigns.module.css';
import { type CampaignValues, CHANNELS, type When } from './drafts';
import { useTemplates } from './steps';
import { UNIT_CHOICES, WINNER_CHOICES } from './words';

type Props = { form: UseFormReturnType<CampaignValues>; disabled: boolean };

const WHEN: { value: When; label: string }[] = [
  { value: 'now', label: 'When started' },
  { value: 'at', label: 'At a time' },
  { value: 'local', label: 'At a time of day of theirs' },
];

/** When it begins and ends, and the hours in which it rests. */
export function ScheduleFields({ form, disabled }: Props) {
  const zone = useZone();
  const { when, quiet } = form.values;
  const here = `Your time, ${zoneName(zone)}.`;
  return (
    <div className={classes.stacked}>
      <SegmentedControl
        aria-label="When it begins"
        className={classes.choices}
        disabled={disabled}
        data={WHEN}
        value={when}
        onChange={(value) => form.setFieldValue('when', WHEN.find((one) => one.value === value)?.value ?? 'now')}
      />
      <div className={classes.fields}>
        {when === 'local' && (
          <TextInput
            type="time"
            label="Time of day"
            description="On each recipient’s own clock."
            required
            disabled={disabled}
            {...form.getInputProps('localTime')}
          />
        )}
        {when !== 'now' && (
          <TextInput
            type="datetime-local"
            label={when === 'at' ? 'Begins' : 'Not before'}
            description={here}
            required={when === 'at'}
            disabled={disabled}
            {...form.getInputProps('startsAt')}
          />
        )}
        <TextInput
          type="datetime-local"
          label="Ends"
          description={`${here} Empty: when everybody had their turn.`}
          disabled={disabled}
          {...form.getInputProps('endsAt')}
        />
      </div>
      <Switch
        label="Quiet hours of its own"
        description="Besides those of law, on each recipient’s clock."
        disabled={disabled}
        {...form.getInputProps('quiet', { type: 'checkbox' })}
      />
      {quiet && (
        <Group gap="md" align="start">
          <TextInput type="time" label="Quiet from" disabled={disabled} {...form.getInputProps('quietFrom')} />
          <TextInput type="time" label="Quiet until" disabled={disabled} {...form.getInputProps('quietUntil')} />
        </Group>
      )}
    </div>
  );
}

function Senders({ form, disabled }: Props) {
  const manages = useMay('senders.manage');
  const query = { params: { query: { limit: 100 } } } as const;
  const { data } = api.useQuery('get', '/api/senders', query, { staleTime: 60_000, enabled: manages });
  const { senderIds } = form.values;
  const known = (data?.items ?? []).filter((one) => one.channel !== 'web');
  const options = known.map(({ id, display_name, address }) => ({
    value: id,
    label: [display_name, formatPhone(address)].filter(Boolean).join(' · '),
  }));
  const others = senderIds.filter((id) => !options.some((one) => one.value === id));
  return (
    <MultiSelect
      label="Senders"
      description="Whoever has talked with one of them hears from that one."
      placeholder={senderIds.length === 0 ? 'Any' : undefined}
      searchable
      clearable
      disabled={disabled || !manages}
      data={[...options, ...others.map((value, n) => ({ value, label: `Sender ${n + 1}` }))]}
      {...form.getInputProps('senderIds')}
    />
  );
}

/** By which way, how fast, and when it stops by itself. */
export function DeliveryFields({ form, disabled }: Props) {
  return (
    <div className={classes.stacked}>
      <div className={classes.fields}>
        <Select
          label="Channel"
          description="Any: by the senders’ own."
          allowDeselect={false}
          disabled={disabled}
          data={[{ value: 'any', label: 'Any' }, ...CHANNELS.map((value) => ({ value, label: channel(value).label }))]}
          {...form.getInputProps('channel')}
        />
        <Senders form={form} disabled={disabled} />
        <NumberInput
          label="Texts a minute"
          description="At most. Empty: as fast as the senders may."
          min={1}
          max={1_000_000}
          allowDecimal={false}
          thousandSeparator=","
          disabled={disabled}
          {...form.getInputProps('pace')}
        />
        <NumberInput
          label="Pause above"
          description="Of failed texts, once fifty are known. Empty: never."
          suffix=" %"
          min={0.1}
          max={100}
          decimalScale={1}
          disabled={disabled}
          {...form.getInputProps('pauseAbove')}
        />
      </div>
      <Switch
        label="Stop on reply"
        description="Who replies is sent no further text of it."
        disabled={disabled}
        {...form.getInputProps('stopOnReply', { type: 'checkbox' })}
      />
    </div>
  );
}

/** The better variant for most. Only where the first template has two. */
export function WinnerFields({ form, disabled }: Props) {
  const { templates } = useTemplates();
  const first = templates.find((one) => one.id === form.values.steps[0]?.templateId);
  const several = (first?.variants.filter((variant) => variant.weight > 0).length ?? 0) > 1;
  const { winner } = form.values;
  if (!several && !winner) {
    return (
      <p className={classes.facts}>Where the first template has two variants, the better one can be found out first.</p>
    );
  }
  return (
    <div className={classes.stacked}>
      <Switch
        label="Find the better variant first"
        description="The variants are tried on a part; the rest is sent the better one."
        disabled={disabled}
        error={form.errors.winner}
        {...form.getInputProps('winner', { type: 'checkbox' })}
      />
      {winner && (
        <div className={classes.fields}>
          <Select
            label="Better is what brings"
            allowDeselect={false}
            disabled={disabled}
            data={WINNER_CHOICES}
            {...form.getInputProps('winnerBy')}
          />
          <NumberInput
            label="Tried on"
            suffix=" %"
            min={1}
            max={90}
            allowDecimal={false}
            disabled={disabled}
            {...form.getInputProps('winnerShare')}
          />
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <NumberInput
              label="Decided after"
              min={1}
              max={43_200}
              allowDecimal={false}
              disabled={disabled}
              style={{ flex: 1 }}
              {...form.getInputProps('winnerAfter')}
            />
            <Select
              aria-label="Decided after: unit"
              allowDeselect={false}
              w={110}
              disabled={disabled}
              data={UNIT_CHOICES}
              {...form.getInputProps('winnerUnit')}
            />
          </Group>
        </div>
      )}
    </div>
  );
}
