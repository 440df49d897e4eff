import { ActionIcon, Autocomplete, Button, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { api } from '@/api/client';
import { useMay } from '@/api/session';
import {
  type Draft,
  FIELDS,
  fieldOf,
  type Group,
  type Join,
  newGroup,
  newRule,
  opOf,
  type Rule,
  withField,
  withOp,
} from './filter';
import classes from './segments.module.css';

const GROUPS = [...new Set(FIELDS.map((one) => one.group))].map((group) => ({
  group,
  items: FIELDS.filter((one) => one.group === group).map(({ field, label }) => ({ value: field, label })),
}));

type Known = { names: string[]; imports: { value: string; label: string }[] };

/** What is kept of contacts besides, and which lists were brought in. */
function useKnown(): Known {
  const variables = api.useQuery(
    'get',
    '/api/templates/variables',
    {},
    { enabled: useMay('campaigns.read'), staleTime: 60_000 },
  );
  const imports = api.useQuery(
    'get',
    '/api/contacts/imports',
    { params: { query: { limit: 50 } } },
    { staleTime: 60_000 },
  );
  return {
    names: (variables.data?.items ?? []).filter((v) => v.name.startsWith('custom.')).map((v) => v.name.slice(7)),
    imports: (imports.data?.items ?? []).map((one) => ({ value: one.id, label: one.file_name })),
  };
}

type ValueProps = { rule: Rule; known: Known; disabled: boolean; onChange: (rule: Rule) => void };

function Value({ rule, known, disabled, onChange }: ValueProps) {
  const { input } = opOf(rule);
  const [first = ''] = rule.values;
  const values = (next: string[]) => onChange({ ...rule, values: next });
  const plain = { 'aria-label': 'Value', disabled, className: classes.value };
  switch (input) {
    case 'nothing':
      return null;
    case 'choice':
      return (
        <Select
          {...plain}
          placeholder="Choose"
          allowDeselect={false}
          data={rule.field === 'import' ? known.imports : (fieldOf(rule).choices ?? [])}
          value={first || null}
          onChange={(value) => values(value ? [value] : [])}
        />
      );
    case 'days':
    case 'times':
      return (
        <NumberInput
          {...plain}
          min={1}
          max={input === 'days' ? 3660 : 100_000}
          allowDecimal={false}
          allowNegative={false}
          suffix={input === 'days' ? ' days' : ' times'}
          value={first}
          onChange={(value) => values(value === '' ? [] : [String(value)])}
        />
      );
    case 'number':
      return <NumberInput {...plain} value={first} onChange={(value) => values(value === '' ? [] : [String(value)])} />;
    case 'date':
      return (
        <TextInput {...plain} type="date" value={first} onChange={(event) => values([event.currentTarget.value])} />
      );
    case 'text':
      return <TextInput {...plain} value={first} onChange={(event) => values([event.currentTarget.value])} />;
    case 'listed':
      return (
        <Textarea
          {...plain}
          autosize
          minRows={2}
          maxRows={6}
          placeholder={rule.field === 'id' ? 'One id a line' : '+14155550101, one a line'}
          value={rule.values.join('\n')}
          onChange={(event) => values(event.currentTarget.value.split(/[\n,;]/))}
        />
      );
    default:
      return (
        <TagsInput
          {...plain}
          placeholder={rule.values.length === 0 ? 'Type and press Enter' : undefined}
          splitChars={[',', ';']}
          acceptValueOnBlur
          value={rule.values}
          onChange={values}
        />
      );
  }
}

type RuleProps = ValueProps & { error: string | undefined; onRemove: () => void };

function RuleRow({ rule, known, disabled, error, onChange, onRemove }: RuleProps) {
  const field = fieldOf(rule);
  return (
    <li className={classes.rule} data-testid="condition">
      <Select
        aria-label="Field"
        className={classes.field}
        allowDeselect={false}
        searchable
        disabled={disabled}
        data={GROUPS}
        value={field.field}
        onChange={(value) => value && onChange(withField(rule, value))}
      />
      {rule.field === 'custom' && (
        <Autocomplete
          aria-label="Name of the attribute"
          className={classes.name}
          placeholder="Name"
          maxLength={60}
          disabled={disabled}
          data={known.names}
          value={rule.name}
          onChange={(name) => onChange({ ...rule, name })}
        />
      )}
      <Select
        aria-label="Question"
        className={classes.op}
        allowDeselect={false}
        disabled={disabled}
        data={field.ops.map((one) => ({ value: one.op, label: one.label }))}
        value={opOf(rule).op}
        onChange={(_, option) => {
          const next = field.ops.find((one) => one.op === option?.value);
          if (next) onChange(withOp(rule, next.op));
        }}
      />
      <Value rule={rule} known={known} disabled={disabled} onChange={onChange} />
      {!disabled && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Remove the condition" onClick={onRemove}>
          <IconX size={16} />
        </ActionIcon>
      )}
      {error && (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
    </li>
  );
}

const JOINS: { value: Join; label: string }[] = [
  { value: 'all', label: 'all of these hold' },
  { value: 'any', label: 'any of these holds' },
  { value: 'none', label: 'none of these holds' },
];

type RulesProps = {
  rules: Rule[];
  known: Known;
  disabled: boolean;
  errors: Record<string, string>;
  onChange: (rules: Rule[]) => void;
};

function Rules({ rules, known, disabled, errors, onChange }: RulesProps) {
  return rules.map((rule) => (
    <RuleRow
      key={rule.key}
      rule={rule}
      known={known}
      disabled={disabled}
      error={errors[rule.key]}
      onChange={(next) => onChange(rules.map((one) => (one.key === rule.key ? next : one)))}
      onRemove={() => onChange(rules.filter((one) => one.key !== rule.key))}
    />
  ));
}

type Props = { draft: Draft; disabled: boolean; errors: Record<string, string>; onChange: (draft: Draft) => void };

/** Conditions, and groups of them, as many as one likes. */
export function Builder({ draft, disabled, errors, onChange }: Props) {
  const known = useKnown();
  const ofGroup = (group: Group, next: Group | undefined) =>
    onChange({
      ...draft,
      groups: draft.groups.flatMap((one) => (one.key === group.key ? (next ? [next] : []) : [one])),
    });
  return (
    <fieldset className={classes.builder}>
      <legend>Who is in it</legend>
      <Select
        aria-label="How the conditions go together"
        w={220}
        allowDeselect={false}
        disabled={disabled}
        data={JOINS.slice(0, 2)}
        value={draft.join}
        onChange={(value) => onChange({ ...draft, join: value === 'any' ? 'any' : 'all' })}
      />
      {draft.rules.length + draft.groups.length === 0 && (
        <p className={classes.facts}>Without a condition: everybody.</p>
      )}
      <ul className={classes.rules}>
        <Rules
          rules={draft.rules}
          known={known}
          disabled={disabled}
          errors={errors}
          onChange={(rules) => onChange({ ...draft, rules })}
        />
        {draft.groups.map((group) => (
          <li key={group.key} className={classes.group} data-testid="group">
            <div className={classes.groupHead}>
              <Select
                aria-label="How the conditions of this group go together"
                w={220}
                allowDeselect={false}
                disabled={disabled}
                data={JOINS}
                value={group.join}
                onChange={(value) => {
                  const join = JOINS.find((one) => one.value === value)?.value;
                  if (join) ofGroup(group, { ...group, join });
                }}
              />
              {!disabled && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label="Remove the group"
                  onClick={() => ofGroup(group, undefined)}
                >
                  <IconX size={16} />
                </ActionIcon>
              )}
            </div>
            <ul className={classes.rules}>
              <Rules
                rules={group.rules}
                known={known}
                disabled={disabled}
                errors={errors}
                onChange={(rules) => ofGroup(group, rules.length > 0 ? { ...group, rules } : undefined)}
              />
            </ul>
            {!disabled && (
              <Button
                variant="subtle"
                size="xs"
                leftSection={<IconPlus size={14} />}
                onClick={() => ofGroup(group, { ...group, rules: [...group.rules, newRule()] })}
              >
                Add to the group
              </Button>
            )}
          </li>
        ))}
      </ul>
      {!disabled && (
        <div className={classes.adders}>
          <Button
            variant="light"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange({ ...draft, rules: [...draft.rules, newRule()] })}
          >
            Add a condition
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange({ ...draft, groups: [...draft.groups, newGroup()] })}
          >
            Add a group
          </Button>
        </div>
      )}
    </fieldset>
  );
}
