import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import { notifyDone, notifyProblem } from '@/components/notify';
import { fieldErrors } from './forms';

export function PasswordForm({ username }: { username: string }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { current_password: '', new_password: '' },
    validate: {
      current_password: (value) => (value ? null : 'Enter the password you have now.'),
      new_password: (value) => (value.length >= 10 ? null : 'Choose at least 10 characters.'),
    },
  });
  const change = api.useMutation('put', '/api/auth/me/password', {
    onSuccess: async () => {
      form.reset();
      notifyDone('Password changed', 'Your other devices are signed out.');
      await client.invalidateQueries({ queryKey: ['get', '/api/auth/sessions'] });
    },
    onError: (error) => {
      const problem = toProblem(error);
      const errors = fieldErrors(problem, { current_password: 'This', new_password: 'This password' });
      form.setErrors(errors);
      if (Object.keys(errors).length === 0) notifyProblem('Couldn’t change the password', problem);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((body) => change.mutate({ body }))}>
      <Stack gap="md">
        <input type="text" autoComplete="username" value={username} readOnly hidden />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show current password' }}
          {...form.getInputProps('current_password')}
        />
        <PasswordInput
          label="New password"
          description="10 characters or more; a few words that nobody would guess are best. Your other devices will be signed out."
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show new password' }}
          {...form.getInputProps('new_password')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
