import { Alert, Button, Drawer, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { staffChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Permission, Role } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PermissionPicker } from '@/components/permission-picker';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';
import { ifMatch } from './grants';

const valuesOf = (role: Role | undefined) => ({
  name: role?.name ?? '',
  description: role?.description ?? '',
  permissions: (role?.permissions ?? []) as Permission[],
});

function RoleForm({ live, onClose }: { live: Role | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const {
    form,
    row: role,
    newer,
    goOn,
  } = useRowForm(live, valuesOf, { name: (text) => (text.trim() ? null : 'Give the role a name') });
  const editable = useMay('users.manage') && !role?.built_in;
  const onSuccess = async (saved: Role) => {
    notifyDone(role ? 'Role saved' : 'Role made', saved.name);
    onClose();
    await staffChanged(client);
  };
  const onError = (error: unknown) => {
    const problem = toProblem(error);
    const taken = problem.code === 'already_exists' ? [['name', problem.message]] : [];
    form.setErrors(Object.fromEntries([...taken, ...problem.fields.map((f) => [f.field, f.message])]));
    if (problem.fields.length + taken.length === 0) notifyProblem('Couldn’t save the role', problem);
  };
  const create = api.useMutation('post', '/api/roles', { onSuccess, onError });
  const update = api.useMutation('patch', '/api/roles/{id}', { onSuccess, onError });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) => {
        const body = { ...values, name: values.name.trim(), description: values.description.trim() || null };
        if (role) update.mutate({ params: { path: { id: role.id }, header: ifMatch(role.version) }, body });
        else create.mutate({ body });
      })}
    >
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        {role?.built_in && (
          <Alert color="gray" variant="light">
            Built-in roles come with Frontdesk and can’t be changed. Make a role of your own instead.
          </Alert>
        )}
        <TextInput
          label="Name"
          required
          maxLength={60}
          disabled={!editable}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Textarea
          label="Description"
          maxLength={300}
          autosize
          disabled={!editable}
          {...form.getInputProps('description')}
        />
        <PermissionPicker
          value={form.values.permissions}
          onChange={(permissions) => form.setFieldValue('permissions', permissions)}
          disabled={!editable}
          error={form.errors.permissions?.toString()}
        />
        {editable && (
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending || update.isPending}>
              {role ? 'Save' : 'Make role'}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  // Fresh on opening; the form keeps what is typed from then on.
  const query = api.useQuery(
    'get',
    '/api/roles/{id}',
    { params: { path: { id } } },
    { staleTime: 0, gcTime: 0, refetchOnWindowFocus: false },
  );
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={4} />;
  return <RoleForm live={query.data} onClose={onClose} />;
}

/** `id` is a role's, or `new`, or nothing while closed. */
export function RoleDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="xl"
      title={id === 'new' ? 'New role' : 'Role'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id === 'new' && <RoleForm live={undefined} onClose={onClose} />}
      {id && id !== 'new' && <Existing key={id} id={id} onClose={onClose} />}
    </Drawer>
  );
}
