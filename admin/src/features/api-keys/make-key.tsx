import { Button, Drawer, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { apiKeysChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Permission } from '@/api/types';
import { notifyProblem } from '@/components/notify';
import { PermissionPicker } from '@/components/permission-picker';
import { ShownOnce } from '@/components/shown-once';
import { expiresAt, LIFETIMES } from './expiry';

function KeyForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { name: '', lifetime: '365', scopes: [] as Permission[] },
    validate: {
      name: (text) => (text.trim() ? null : 'Give the key a name'),
      scopes: (scopes) => (scopes.length > 0 ? null : 'Choose at least one'),
    },
  });
  const make = api.useMutation('post', '/api/api-keys', {
    onSuccess: () => apiKeysChanged(client),
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t make the key', problem);
    },
  });
  if (make.data) {
    return (
      <ShownOnce secret={make.data.key} what="key" onDone={onClose}>
        The program sends it with every request as the header <b>X-API-Key</b>.
      </ShownOnce>
    );
  }
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name, lifetime, scopes }) =>
        make.mutate({ body: { name: name.trim(), scopes, expires_at: expiresAt(lifetime, Date.now()) } }),
      )}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          description="What the key is for, to find it again."
          required
          maxLength={100}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select label="It works for" allowDeselect={false} data={LIFETIMES} {...form.getInputProps('lifetime')} />
        <PermissionPicker
          value={form.values.scopes}
          onChange={(scopes) => form.setFieldValue('scopes', scopes)}
          error={form.errors.scopes?.toString()}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function MakeKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="xl"
      title="New API key"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <KeyForm onClose={onClose} />
    </Drawer>
  );
}
