import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { quietHoursChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { OrganizationCap } from '@/api/types';
import { notifyDone } from '@/components/notify';
import { Card } from '@/components/page';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';
import { capLabel, capProblem } from './cap';

const PATH = '/api/compliance/frequency-cap';

type Values = { texts: number | string; days: number | string };

const valuesOf = (cap: OrganizationCap): Values => ({ texts: cap.texts, days: cap.days });

function CapForm({ live }: { live: OrganizationCap }) {
  const client = useQueryClient();
  const { form, row, newer, goOn } = useRowForm(live, valuesOf, {
    texts: (texts) => capProblem(texts, 0, 100),
    days: (days) => capProblem(days, 1, 90),
  });
  const save = api.useMutation('put', PATH, {
    onSuccess: async (saved) => {
      goOn(saved);
      notifyDone('Your cap is saved', capLabel(saved));
      await quietHoursChanged(client);
    },
    // Somebody else may have been first: the form says so once it has what they saved.
    onError: () => quietHoursChanged(client),
  });
  const problem = save.error ? toProblem(save.error) : null;
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ texts, days }) =>
        save.mutate({
          params: { header: { 'If-Match': `"${row.version}"` } },
          body: { texts: Number(texts), days: Number(days) },
        }),
      )}
    >
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <Group align="flex-start">
          <NumberInput
            label="Marketing texts"
            description="To one person; 0 for no cap."
            min={0}
            max={100}
            allowDecimal={false}
            clampBehavior="none"
            w={200}
            {...form.getInputProps('texts')}
            error={form.errors.texts ?? problem?.field('texts')}
          />
          <NumberInput
            label="In how many days"
            description="Counted back from each text."
            min={1}
            max={90}
            allowDecimal={false}
            clampBehavior="none"
            w={200}
            {...form.getInputProps('days')}
            error={form.errors.days ?? problem?.field('days')}
          />
        </Group>
        {problem && problem.fields.length === 0 && problem.status !== 412 && (
          <Text size="sm" c="red" role="alert">
            {problem.message}
          </Text>
        )}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty() || newer !== undefined}>
            Save the cap
          </Button>
        </div>
      </Stack>
    </form>
  );
}

/** How many marketing texts one person gets at most, beside the caps of law. */
export function FrequencyCap() {
  const writes = useMay('compliance.write');
  const query = api.useQuery('get', PATH);
  return (
    <Card title="Your own cap">
      <Stack gap="md" data-testid="frequency-cap">
        <Text size="sm">
          How many marketing texts one person gets from you at most. The caps of law hold besides it. A text that comes
          too early waits, or is not sent if its deadline comes first; its receipt says so.
        </Text>
        {query.isPending && <SkeletonRows rows={1} />}
        {query.error && !query.data && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
        {query.data && (writes ? <CapForm live={query.data} /> : <Text size="sm">{capLabel(query.data)}</Text>)}
      </Stack>
    </Card>
  );
}
