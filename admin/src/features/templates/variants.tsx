import { ActionIcon, Button, Group, NumberInput, SegmentedControl, Textarea, Tooltip } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconGitBranch, IconLink, IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { api } from '@/api/client';
import { TextLength } from '@/components/text-length';
import {
  BODY_LIMIT,
  IF_TAG,
  inserted,
  LINK,
  MOST_VARIANTS,
  nextVariant,
  OPT_OUT,
  type Snippet,
  shareWords,
  snippetFor,
  type TemplateValues,
} from './drafts';
import { SyntaxHelp } from './syntax-help';
import classes from './templates.module.css';

type Form = UseFormReturnType<TemplateValues>;

/** What can be named, as buttons that put it where the cursor is. */
function Chips({ marketing, onInsert }: { marketing: boolean; onInsert: (snippet: Snippet) => void }) {
  const { data } = api.useQuery('get', '/api/templates/variables', {}, { staleTime: 60_000 });
  return (
    <fieldset className={classes.chips} aria-label="Insert">
      {data?.items.map((variable) => (
        <Tooltip key={variable.name} label={variable.meaning ?? 'Kept by you'} openDelay={400}>
          <Button
            size="compact-xs"
            variant="default"
            className={classes.chip}
            onClick={() => onInsert(snippetFor(variable))}
          >
            {variable.name}
          </Button>
        </Tooltip>
      ))}
      <Button
        size="compact-xs"
        variant="light"
        leftSection={<IconGitBranch size={13} />}
        onClick={() => onInsert(IF_TAG)}
      >
        If tagged …
      </Button>
      <Button size="compact-xs" variant="light" leftSection={<IconLink size={13} />} onClick={() => onInsert(LINK)}>
        Link
      </Button>
      {marketing && (
        <Button size="compact-xs" variant="light" onClick={() => onInsert(OPT_OUT)}>
          Opt-out
        </Button>
      )}
    </fieldset>
  );
}

type VariantsProps = {
  form: Form;
  disabled: boolean;
  /** Place of the variant that is written. */
  open: number;
  onOpen: (place: number) => void;
};

/** The wordings, one at a time. */
export function Variants({ form, disabled, open, onOpen }: VariantsProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const { variants, purpose } = form.values;
  const variant = variants[open] ?? variants[0];
  if (!variant) return null;
  const path = `variants.${open}` as const;
  const insert = (snippet: Snippet) => {
    const field = area.current;
    const from = field?.selectionStart ?? variant.body.length;
    const done = inserted(variant.body, from, field?.selectionEnd ?? from, snippet);
    form.setFieldValue(`${path}.body`, done.text);
    // When the new text is there.
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(done.caret, done.caret);
    });
  };
  const add = () => {
    form.insertListItem('variants', nextVariant(variants));
    onOpen(variants.length);
  };
  const remove = () => {
    form.removeListItem('variants', open);
    onOpen(Math.max(0, open - 1));
  };
  return (
    <section className={classes.variants} aria-label="Variants">
      <Group justify="space-between" gap="sm">
        {variants.length > 1 ? (
          <SegmentedControl
            aria-label="Variant"
            size="xs"
            value={String(open)}
            onChange={(place) => onOpen(Number(place))}
            data={variants.map(({ key }, place) => ({
              value: String(place),
              label: `${key} · ${shareWords(variants, place)}`,
            }))}
          />
        ) : (
          <span />
        )}
        {!disabled && variants.length < MOST_VARIANTS && (
          <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={15} />} onClick={add}>
            Add a variant
          </Button>
        )}
      </Group>
      <div>
        <Textarea
          ref={area}
          label={variants.length > 1 ? `Text of variant ${variant.key}` : 'Text'}
          required
          autosize
          minRows={4}
          maxRows={14}
          disabled={disabled}
          {...form.getInputProps(`${path}.body`)}
        />
        <TextLength text={variant.body} limit={BODY_LIMIT} whole />
      </div>
      {!disabled && <Chips marketing={purpose === 'marketing'} onInsert={insert} />}
      {!disabled && <SyntaxHelp />}
      {variants.length > 1 && (
        <Group gap="sm" align="flex-end">
          <NumberInput
            label="Weight"
            description="Beside the others’. 0: nobody is sent it."
            min={0}
            max={100}
            w={220}
            disabled={disabled}
            {...form.getInputProps(`${path}.weight`)}
          />
          {!disabled && (
            <ActionIcon
              variant="subtle"
              color="red"
              size="lg"
              aria-label={`Remove variant ${variant.key}`}
              onClick={remove}
            >
              <IconTrash size={18} stroke={1.7} />
            </ActionIcon>
          )}
        </Group>
      )}
    </section>
  );
}
