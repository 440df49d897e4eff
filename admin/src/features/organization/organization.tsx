import { Alert, Button, Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { organizationChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { OrganizationSettings } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ListState } from '@/components/states';

const valuesOf = (o: OrganizationSettings) => ({
  name: o.name,
  timezone: o.timezone,
  support_phone_number: o.support_phone_number ?? '',
  human_quiet_minutes: (o.human_quiet_minutes ?? '') as number | string,
});

function SettingsForm({ live }: { live: OrganizationSettings }) {
  const client = useQueryClient();
  const writes = useMay('settings.manage');
  const {
    form,
    row: organization,
    newer,
    goOn,
  } = useRowForm(live, valuesOf, {
    name: (text) => (text.trim() ? null : 'Give the organization a name'),
    human_quiet_minutes: (minutes) =>
      minutes === '' || (Number(minutes) >= 5 && Number(minutes) <= 10_080) ? null : 'From 5 to 10080 minutes',
  });
  const save = api.useMutation('patch', '/api/organization', {
    onSuccess: async (saved) => {
      goOn(saved);
      notifyDone('Settings saved');
      await organizationChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t save the settings', problem);
    },
  });
  const zones = [...new Set([organization.timezone, ...Intl.supportedValuesOf('timeZone')])];
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        save.mutate({
          params: { header: { 'If-Match': `"${organization.version}"` } },
          body: {
            name: values.name.trim(),
            timezone: values.timezone,
            support_phone_number: values.support_phone_number.trim() || null,
            human_quiet_minutes: values.human_quiet_minutes === '' ? null : Number(values.human_quiet_minutes),
          },
        }),
      )}
    >
      <Stack gap="lg" maw={520}>
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        {!writes && (
          <Alert color="gray" variant="light">
            Your role may read the settings but not change them.
          </Alert>
        )}
        <TextInput
          label="Name"
          description="Contacts read it in texts."
          required
          maxLength={120}
          disabled={!writes}
          {...form.getInputProps('name')}
        />
        <Select
          label="Time zone"
          description="Times are shown and offered in it."
          searchable
          allowDeselect={false}
          limit={100}
          data={zones}
          disabled={!writes}
          {...form.getInputProps('timezone')}
        />
        <TextInput
          label="Support phone number"
          description="Named to contacts who ask for a person. Leave it empty if there is none."
          type="tel"
          disabled={!writes}
          {...form.getInputProps('support_phone_number')}
        />
        <NumberInput
          label="Keep quiet after a person wrote"
          description="Minutes until the assistant answers again. Empty: as the installation has it."
          allowDecimal={false}
          clampBehavior="none"
          step={15}
          disabled={!writes}
          {...form.getInputProps('human_quiet_minutes')}
        />
        {writes && (
          <Group justify="flex-end" gap="sm">
            {form.isDirty() && (
              <Button variant="subtle" color="gray" onClick={form.reset}>
                Undo
              </Button>
            )}
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              Save settings
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

export function OrganizationPage() {
  const query = api.useQuery('get', '/api/organization', {}, { refetchOnWindowFocus: false });
  return (
    <Page title="Organization" description="What contacts and the assistant know of the business itself.">
      <Card>
        <ListState query={query} isEmpty={!query.data} empty={null}>
          {query.data && <SettingsForm live={query.data} />}
        </ListState>
      </Card>
    </Page>
  );
}
