import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import { notifyProblem } from '@/components/notify';
import { ShownOnce } from '@/components/shown-once';
import { joinLink, roleChoices } from './grants';

function InviteForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const me = useMe();
  const roles = api.useQuery('get', '/api/roles').data?.items ?? [];
  const form = useForm({
    initialValues: { email: '', role: 'operator', expires_in_days: 7 as number | string },
    validate: {
      email: (text) => (/^\S+@\S+\.\S+$/.test(text.trim()) ? null : 'Write an e-mail address'),
      expires_in_days: (days) => (Number(days) >= 1 && Number(days) <= 30 ? null : 'From 1 to 30 days'),
    },
  });
  const invite = api.useMutation('post', '/api/invitations', {
    onSuccess: () => staffChanged(client),
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t invite them', problem);
    },
  });
  if (invite.data) {
    return (
      <ShownOnce secret={joinLink(invite.data.url, window.location.origin)} what="link" onDone={onClose}>
        Hand this link to {invite.data.email}. Whoever opens it joins as {invite.data.role_name}.
      </ShownOnce>
    );
  }
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        invite.mutate({
          body: { email: values.email.trim(), role: values.role, expires_in_days: Number(values.expires_in_days) },
        }),
      )}
    >
      <Stack gap="md">
        <TextInput label="E-mail address" type="email" required data-autofocus {...form.getInputProps('email')} />
        <Select
          label="Role"
          description="You can give roles that grant no more than yours."
          allowDeselect={false}
          data={roleChoices(roles, me)}
          {...form.getInputProps('role')}
        />
        <NumberInput
          label="Days until the link expires"
          min={1}
          max={30}
          clampBehavior="none"
          {...form.getInputProps('expires_in_days')}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make the link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite somebody" closeButtonProps={{ 'aria-label': 'Close' }}>
      <InviteForm onClose={onClose} />
    </Modal>
  );
}
