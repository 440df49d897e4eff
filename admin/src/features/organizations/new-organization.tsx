import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { organizationChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useZone } from '@/api/session';
import { notifyDone, notifyProblem } from '@/components/notify';

function OrganizationForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const zone = useZone();
  const form = useForm({
    initialValues: { name: '', timezone: zone, support_phone_number: '' },
    validate: { name: (text) => (text.trim() ? null : 'Give it a name') },
  });
  const create = api.useMutation('post', '/api/organizations', {
    onSuccess: async (made) => {
      notifyDone('Organization made', made.name);
      onClose();
      await organizationChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t make it', problem);
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        create.mutate({
          body: {
            name: values.name.trim(),
            timezone: values.timezone,
            support_phone_number: values.support_phone_number.trim() || null,
          },
        }),
      )}
    >
      <Stack gap="md">
        <TextInput label="Name" required maxLength={120} data-autofocus {...form.getInputProps('name')} />
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          limit={100}
          data={[...new Set([zone, ...Intl.supportedValuesOf('timeZone')])]}
          {...form.getInputProps('timezone')}
        />
        <TextInput label="Support phone number" type="tel" {...form.getInputProps('support_phone_number')} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Make organization
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function NewOrganization({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="New organization" closeButtonProps={{ 'aria-label': 'Close' }}>
      <OrganizationForm onClose={onClose} />
    </Modal>
  );
}
