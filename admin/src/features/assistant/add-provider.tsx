import { Alert, Button, Group, Modal, NumberInput, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconLock } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { assistantChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { notifyDone, notifyProblem } from '@/components/notify';
import { aiProviderName } from '@/lib/turn';
import classes from './assistant.module.css';
import { KINDS, type Kind, PROVIDER_KINDS, PROVIDER_RULES } from './providers';

type Values = {
  provider: Kind;
  model: string;
  key: string;
  input_price: number | string;
  output_price: number | string;
};

const BLANK: Values = { provider: 'openrouter', model: '', key: '', input_price: '', output_price: '' };

const priceOf = (value: number | string) => (value === '' ? null : Number(value));

/** The server's names of the fields, where the form has its own. */
const FIELDS: Record<string, string> = {
  input_price_usd_per_mtok: 'input_price',
  output_price_usd_per_mtok: 'output_price',
};

type AddProviderProps = { opened: boolean; onClose: () => void; keysCanBeStored: boolean };

export function AddProvider({ opened, onClose, keysCanBeStored }: AddProviderProps) {
  const client = useQueryClient();
  const form = useForm<Values>({ initialValues: BLANK, validate: PROVIDER_RULES });
  const close = () => {
    // The key must not stay behind in a closed form.
    form.reset();
    onClose();
  };
  const add = api.useMutation('post', '/api/assistant/providers', {
    onSuccess: async (provider) => {
      close();
      notifyDone('Model added', `${provider.model}. Test it to be sure that it answers.`);
      await assistantChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [FIELDS[f.field] ?? f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t add the model', problem);
    },
  });
  const kind = PROVIDER_KINDS[form.values.provider];
  return (
    <Modal opened={opened} onClose={close} title="Add a model" size="md" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        autoComplete="off"
        onSubmit={form.onSubmit((values) =>
          add.mutate({
            body: {
              provider: values.provider,
              model: values.model.trim(),
              key: values.key.trim() || null,
              input_price_usd_per_mtok: priceOf(values.input_price),
              output_price_usd_per_mtok: priceOf(values.output_price),
            },
          }),
        )}
      >
        <Stack gap="md">
          <Select
            label="Provider"
            description={kind.note}
            allowDeselect={false}
            data={KINDS.map((value) => ({ value, label: aiProviderName(value) }))}
            {...form.getInputProps('provider')}
          />
          <TextInput
            label="Model"
            description="As the provider spells it."
            placeholder={kind.example}
            required
            data-autofocus
            {...form.getInputProps('model')}
          />
          {keysCanBeStored ? (
            <PasswordInput
              label="API key"
              description="Stored encrypted and never shown again, except its last four characters."
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key' }}
              {...form.getInputProps('key')}
            />
          ) : (
            <Alert color="gray" variant="light" icon={<IconLock size={18} />}>
              This installation has no encryption key, so it can’t keep API keys. Set ENCRYPTION_KEY on the server to
              add models that need one.
            </Alert>
          )}
          <fieldset className={classes.prices}>
            <legend>Price per million tokens, in US dollars</legend>
            <p>Optional. For models whose price isn’t known; without one their cost counts as nothing.</p>
            <Group grow align="flex-start">
              <NumberInput label="Input" prefix="$" min={0} decimalScale={4} {...form.getInputProps('input_price')} />
              <NumberInput label="Output" prefix="$" min={0} decimalScale={4} {...form.getInputProps('output_price')} />
            </Group>
          </fieldset>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add model
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
