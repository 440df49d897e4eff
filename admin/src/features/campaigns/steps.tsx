import { ActionIcon, Button, Group, NumberInput, Select } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { api } from '@/api/client';
import type { Template } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { templatePurpose } from '@/lib/labels';
import classes from './campaigns.module.css';
import { type CampaignValues, MOST_STEPS, nextStep } from './drafts';
import { CONDITION_CHOICES, UNIT_CHOICES } from './words';

type Form = UseFormReturnType<CampaignValues>;

const TEMPLATES = { params: { query: { limit: 200 } } } as const;

/** The templates that can be chosen. */
export const useTemplates = (): { templates: Template[]; loaded: boolean } => {
  const { data } = api.useQuery('get', '/api/templates', TEMPLATES, { staleTime: 15_000 });
  return { templates: data?.items ?? [], loaded: Boolean(data) };
};

type StepProps = { form: Form; place: number; disabled: boolean };

function Buttons({ form, place }: { form: Form; place: number }) {
  const last = form.values.steps.length - 1;
  const move = (to: number) => form.reorderListItem('steps', { from: place, to });
  const name = `text ${place + 1}`;
  if (last === 0) return null;
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Move ${name} up`}
        disabled={place === 0}
        onClick={() => move(place - 1)}
      >
        <IconArrowUp size={17} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Move ${name} down`}
        disabled={place === last}
        onClick={() => move(place + 1)}
      >
        <IconArrowDown size={17} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="red"
        aria-label={`Remove ${name}`}
        onClick={() => form.removeListItem('steps', place)}
      >
        <IconTrash size={17} />
      </ActionIcon>
    </Group>
  );
}

function StepFields({ form, place, disabled }: StepProps) {
  const { templates, loaded } = useTemplates();
  const step = form.values.steps[place];
  if (!step) return null;
  const chosen = templates.find((one) => one.id === step.templateId);
  const path = `steps.${place}` as const;
  const gone = loaded && step.templateId && !chosen;
  const options = templates.map(({ id, name, purpose }) => ({
    value: id,
    label: `${name} (${templatePurpose(purpose).label.toLowerCase()})`,
  }));
  return (
    <li className={classes.step} data-testid="step">
      <div className={classes.stepHead}>
        <h3>{place === 0 ? 'First text' : `Text ${place + 1}`}</h3>
        {!disabled && <Buttons form={form} place={place} />}
      </div>
      {place > 0 && (
        <div className={classes.fields}>
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <NumberInput
              label="After"
              aria-label={`Text ${place + 1}: wait`}
              min={0}
              max={525_600}
              allowDecimal={false}
              disabled={disabled}
              style={{ flex: 1 }}
              {...form.getInputProps(`${path}.wait`)}
            />
            <Select
              aria-label={`Text ${place + 1}: unit`}
              allowDeselect={false}
              w={110}
              disabled={disabled}
              data={UNIT_CHOICES}
              {...form.getInputProps(`${path}.unit`)}
            />
          </Group>
          <Select
            label="To whom"
            aria-label={`Text ${place + 1}: to whom`}
            allowDeselect={false}
            disabled={disabled}
            data={CONDITION_CHOICES}
            {...form.getInputProps(`${path}.condition`)}
          />
        </div>
      )}
      <Select
        label="Template"
        aria-label={`Text ${place + 1}: template`}
        placeholder={loaded && templates.length === 0 ? 'There are no templates yet' : 'Choose a template'}
        searchable
        disabled={disabled}
        data={
          gone && step.templateId
            ? [...options, { value: step.templateId, label: 'A template that was put away' }]
            : options
        }
        nothingFoundMessage="No template matches"
        {...form.getInputProps(`${path}.templateId`)}
      />
      {chosen && (
        <p className={classes.words} lang={chosen.language ?? undefined}>
          {chosen.variants.length > 1 && `${chosen.variants.length} variants. `}
          {chosen.variants[0]?.body}
        </p>
      )}
    </li>
  );
}

/** What they are sent, one after the other. */
export function Steps({ form, disabled }: { form: Form; disabled: boolean }) {
  const { templates, loaded } = useTemplates();
  const { steps } = form.values;
  return (
    <div className={classes.stacked}>
      <ol className={classes.steps}>
        {steps.map((step, place) => (
          <StepFields key={step.key} form={form} place={place} disabled={disabled} />
        ))}
      </ol>
      {loaded && templates.length === 0 && (
        <p className={classes.facts}>
          <AnchorLink inherit underline="always" to="/templates" search={{ template: 'new' }}>
            Write a template
          </AnchorLink>{' '}
          first.
        </p>
      )}
      {!disabled && steps.length < MOST_STEPS && (
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={15} />}
            onClick={() => form.insertListItem('steps', nextStep(steps))}
          >
            Add a text
          </Button>
        </div>
      )}
    </div>
  );
}
