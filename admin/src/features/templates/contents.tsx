import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { api } from '@/api/client';
import { AnchorLink } from '@/components/links';
import { templateVariables } from '@/lib/templates';
import type { TemplateValues } from './drafts';
import classes from './templates.module.css';

const QUERY = { params: { query: { limit: 200 } } } as const;

/** WhatsApp's templates that go out where its window is closed, one per language, and what fills them. */
export function Contents({ form, disabled }: { form: UseFormReturnType<TemplateValues>; disabled: boolean }) {
  const { data } = api.useQuery('get', '/api/whatsapp-templates', QUERY, { staleTime: 60_000 });
  const templates = data?.items ?? [];
  const { whatsapp } = form.values;
  const choose = (place: number, id: string | null) => {
    const template = templates.find((one) => one.id === id);
    const names = template ? templateVariables(template.body) : [];
    form.setFieldValue(`whatsapp.${place}`, {
      whatsapp_template_id: id ?? '',
      variables: Object.fromEntries(names.map((name) => [name, ''])),
    });
  };
  if (data && templates.length === 0 && whatsapp.length === 0) {
    return (
      <p className={classes.facts}>
        More than 24 hours after a contact’s last message WhatsApp takes only approved templates.{' '}
        <AnchorLink inherit underline="always" to="/whatsapp-templates">
          Add one
        </AnchorLink>{' '}
        to send this to everybody.
      </p>
    );
  }
  return (
    <fieldset className={classes.contents}>
      <legend>WhatsApp templates</legend>
      <p className={classes.facts}>Sent in place of the text where WhatsApp’s 24 hours are over. One per language.</p>
      {whatsapp.map((content, place) => {
        const template = templates.find((one) => one.id === content.whatsapp_template_id);
        const names = template ? templateVariables(template.body) : Object.keys(content.variables);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are added at the end, and hold no state of their own
          <div key={place} className={classes.content}>
            <div className={classes.contentHead}>
              <Select
                aria-label={`WhatsApp template ${place + 1}`}
                placeholder="Choose a template"
                data={templates.map(({ id, name, language }) => ({ value: id, label: `${name} (${language})` }))}
                value={content.whatsapp_template_id || null}
                onChange={(id) => choose(place, id)}
                disabled={disabled}
                searchable
              />
              {!disabled && (
                <ActionIcon
                  variant="subtle"
                  color="red"
                  size="lg"
                  aria-label={`Remove WhatsApp template ${place + 1}`}
                  onClick={() => form.removeListItem('whatsapp', place)}
                >
                  <IconTrash size={18} stroke={1.7} />
                </ActionIcon>
              )}
            </div>
            {template && (
              <p className={classes.facts} lang={template.language.slice(0, 2)}>
                {template.body}
              </p>
            )}
            {names.map((name) => (
              <TextInput
                key={name}
                size="xs"
                label={`{{${name}}}`}
                placeholder={'{{ first_name | default("there") }}'}
                maxLength={500}
                disabled={disabled}
                {...form.getInputProps(`whatsapp.${place}.variables.${name}`)}
              />
            ))}
          </div>
        );
      })}
      {!disabled && whatsapp.length < 10 && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={15} />}
          onClick={() => form.insertListItem('whatsapp', { whatsapp_template_id: '', variables: {} })}
        >
          Add a WhatsApp template
        </Button>
      )}
    </fieldset>
  );
}
