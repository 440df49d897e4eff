import { Box, Button, Group, NumberInput, SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { pricesChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { MessagePrices } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { ErrorState, SkeletonRows } from '@/components/states';

const FIELDS = [
  ['sms_segment', 'One SMS part', 'Carrier fees included.'],
  ['mms', 'One text with media', 'However long it is.'],
  ['whatsapp', 'One text by WhatsApp', 'As Twilio charges it.'],
] as const;

const given = (price: number | string): number | null => (price === '' ? null : Number(price));

function PricesForm({ prices }: { prices: MessagePrices }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: {
      currency: prices.currency,
      sms_segment: prices.sms_segment ?? ('' as number | string),
      mms: prices.mms ?? ('' as number | string),
      whatsapp: prices.whatsapp ?? ('' as number | string),
    },
    validate: { currency: (value) => (/^[A-Z]{3}$/.test(value) ? null : 'Three capital letters, such as USD') },
  });
  const save = api.useMutation('put', '/api/message-prices', {
    onSuccess: () => {
      form.resetDirty();
      notifyDone('Prices saved');
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t save the prices', problem);
    },
    onSettled: () => pricesChanged(client),
  });
  return (
    <form
      onSubmit={form.onSubmit((values) =>
        save.mutate({
          body: {
            currency: values.currency,
            sms_segment: given(values.sms_segment),
            mms: given(values.mms),
            whatsapp: given(values.whatsapp),
          },
        }),
      )}
      noValidate
    >
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="md">
        <TextInput
          label="Currency"
          description="By its three letters."
          maxLength={3}
          {...form.getInputProps('currency')}
        />
        {FIELDS.map(([name, label, description]) => (
          <NumberInput
            key={name}
            label={label}
            description={description}
            min={0}
            max={1000}
            decimalScale={6}
            step={0.001}
            placeholder="Not known"
            {...form.getInputProps(name)}
          />
        ))}
      </SimpleGrid>
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
          Save prices
        </Button>
      </Group>
    </form>
  );
}

/** What the organization reckons a text costs: shown to whoever writes one. */
export function PricesCard() {
  const query = api.useQuery('get', '/api/message-prices');
  return (
    <Box mt="lg">
      <Card title="What a text costs">
        {query.data && <PricesForm prices={query.data} />}
        {query.error && !query.data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {query.isPending && <SkeletonRows rows={1} height={60} />}
      </Card>
    </Box>
  );
}
