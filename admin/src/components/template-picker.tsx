import { Select, Stack, Text, TextInput } from '@mantine/core';
import { api } from '@/api/client';
import { AnchorLink } from '@/components/links';
import { ErrorState } from '@/components/states';
import { filledTemplate, templateVariables } from '@/lib/templates';
import classes from './template-picker.module.css';

/** A template chosen and filled in, as the server takes it. */
export type ChosenTemplate = { id: string; variables: Record<string, string> };

type TemplatePickerProps = {
  value: ChosenTemplate | null;
  onChange: (value: ChosenTemplate | null) => void;
  disabled?: boolean;
};

const QUERY = { params: { query: { approval: 'approved', limit: 200 } } } as const;

/** Whether every variable has a value. */
export const isFilled = (chosen: ChosenTemplate): boolean =>
  Object.values(chosen.variables).every((value) => value.trim() !== '');

/** Chooses one of WhatsApp's approved templates, fills it in, and shows what the contact will read. */
export function TemplatePicker({ value, onChange, disabled }: TemplatePickerProps) {
  const query = api.useQuery('get', '/api/whatsapp-templates', QUERY, { staleTime: 60_000 });
  const { data, isPending } = query;
  const templates = data?.items ?? [];
  const chosen = templates.find((template) => template.id === value?.id);
  const choose = (id: string | null) => {
    const template = templates.find((one) => one.id === id);
    const names = template ? templateVariables(template.body) : [];
    onChange(template ? { id: template.id, variables: Object.fromEntries(names.map((name) => [name, ''])) } : null);
  };
  if (query.error && !data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!isPending && templates.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        There is no approved template. <AnchorLink to="/whatsapp-templates">Add one</AnchorLink> first.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Select
        aria-label="Template"
        placeholder="Choose a template"
        data={templates.map(({ id, name, language }) => ({ value: id, label: `${name} (${language})` }))}
        value={value?.id ?? null}
        onChange={choose}
        disabled={disabled || isPending}
        searchable
      />
      {chosen && value && (
        <>
          <div className={classes.variables}>
            {Object.entries(value.variables).map(([name, filled]) => (
              <TextInput
                key={name}
                size="xs"
                label={`{{${name}}}`}
                maxLength={500}
                disabled={disabled}
                value={filled}
                onChange={(event) =>
                  onChange({ ...value, variables: { ...value.variables, [name]: event.currentTarget.value } })
                }
              />
            ))}
          </div>
          <p className={classes.preview} lang={chosen.language.slice(0, 2)} data-testid="template-preview">
            {filledTemplate(chosen.body, value.variables)}
          </p>
        </>
      )}
    </Stack>
  );
}
