import { Button, Group, NumberInput, Stack, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { assistantChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { AssistantSettings } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { durationWords, LIMITS, SETTINGS_RULES } from './settings-rules';

type Values = {
  ai_enabled: boolean;
  daily_budget_usd: number | string;
  history_messages: number | string;
  human_quiet_minutes: number | string;
};

const valuesOf = (settings: AssistantSettings): Values => ({
  ai_enabled: settings.ai_enabled,
  daily_budget_usd: settings.daily_budget_usd,
  history_messages: settings.history_messages,
  human_quiet_minutes: settings.human_quiet_minutes,
});

export function SettingsForm({ settings, admin }: { settings: AssistantSettings; admin: boolean }) {
  const client = useQueryClient();
  const form = useForm<Values>({ initialValues: valuesOf(settings), validate: SETTINGS_RULES });
  const save = api.useMutation('put', '/api/assistant/settings', {
    onSuccess: async (saved) => {
      const values = valuesOf(saved);
      form.setInitialValues(values);
      form.setValues(values);
      form.resetDirty(values);
      notifyDone('Settings saved');
      await assistantChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t save the settings', problem);
    },
  });
  const quiet = form.values.human_quiet_minutes;
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        save.mutate({
          body: {
            ai_enabled: values.ai_enabled,
            daily_budget_usd: Number(values.daily_budget_usd),
            history_messages: Number(values.history_messages),
            human_quiet_minutes: Number(values.human_quiet_minutes),
          },
        }),
      )}
    >
      <Stack gap="lg">
        <Switch
          label="Ask a language model when unsure"
          description="Off: everything runs built in, and no text leaves this server."
          disabled={!admin}
          {...form.getInputProps('ai_enabled', { type: 'checkbox' })}
        />
        <NumberInput
          label="Daily budget"
          description="In US dollars per day (UTC). When it is used up, no model is asked until the next day; with 0, never."
          prefix="$"
          decimalScale={2}
          step={0.5}
          {...LIMITS.daily_budget_usd}
          clampBehavior="none"
          disabled={!admin}
          {...form.getInputProps('daily_budget_usd')}
        />
        <NumberInput
          label="Messages of history"
          description="How many earlier texts a model sees with the newest one. More helps it, and costs more."
          {...LIMITS.history_messages}
          clampBehavior="none"
          allowDecimal={false}
          disabled={!admin}
          {...form.getInputProps('history_messages')}
        />
        <div>
          <NumberInput
            label="Keep quiet after a person wrote"
            description="Minutes until the assistant answers again in a conversation that staff took over and left."
            {...LIMITS.human_quiet_minutes}
            step={15}
            clampBehavior="none"
            allowDecimal={false}
            disabled={!admin}
            {...form.getInputProps('human_quiet_minutes')}
          />
          {typeof quiet === 'number' && (
            <Text size="xs" c="dimmed" mt={4}>
              That is {durationWords(quiet)}.
            </Text>
          )}
        </div>
        <Group justify="flex-end" gap="sm">
          {form.isDirty() && (
            <Button variant="subtle" color="gray" onClick={form.reset}>
              Undo
            </Button>
          )}
          <Button type="submit" loading={save.isPending} disabled={!admin || !form.isDirty()}>
            Save settings
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
