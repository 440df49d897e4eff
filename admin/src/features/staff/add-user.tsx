import { Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import { notifyDone, notifyProblem } from '@/components/notify';
import { roleChoices } from './grants';

const filled = (text: string) => (text.trim() ? null : 'Fill this in');

function AddUserForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const me = useMe();
  const roles = api.useQuery('get', '/api/roles').data?.items ?? [];
  const form = useForm({
    initialValues: { display_name: '', username: '', email: '', password: '', role: 'operator' },
    validate: {
      display_name: filled,
      username: filled,
      password: (text) => (text.length >= 10 ? null : 'At least 10 characters'),
    },
  });
  const add = api.useMutation('post', '/api/users', {
    onSuccess: async (made) => {
      notifyDone('User added', `${made.display_name} can sign in as ${made.username}.`);
      onClose();
      await staffChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      const taken = problem.code === 'username_taken' ? [['username', problem.message]] : [];
      form.setErrors(Object.fromEntries([...taken, ...problem.fields.map((f) => [f.field, f.message])]));
      if (problem.fields.length + taken.length === 0) notifyProblem('Couldn’t add them', problem);
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => add.mutate({ body: { ...values, email: values.email.trim() || null } }))}
    >
      <Stack gap="md">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('display_name')} />
        <TextInput
          label="Username"
          description="To sign in with. Letters, digits, dots and dashes."
          required
          autoComplete="off"
          {...form.getInputProps('username')}
        />
        <TextInput label="E-mail address" type="email" {...form.getInputProps('email')} />
        <PasswordInput label="Password" required autoComplete="new-password" {...form.getInputProps('password')} />
        <Select
          label="Role"
          description="You can give roles that grant no more than yours."
          allowDeselect={false}
          data={roleChoices(roles, me)}
          {...form.getInputProps('role')}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Add user
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function AddUser({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add with a password" closeButtonProps={{ 'aria-label': 'Close' }}>
      <AddUserForm onClose={onClose} />
    </Modal>
  );
}
