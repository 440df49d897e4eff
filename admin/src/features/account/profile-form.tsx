import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http } from '@/api/client';
import { toProblem } from '@/api/problem';
import { meOptions } from '@/api/session';
import type { Me } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { type Account, fieldErrors } from './forms';

const NAMES = { display_name: 'The name', email: 'This', phone_number: 'This' };

const valuesOf = (user: Account) => ({
  display_name: user.display_name,
  email: user.email ?? '',
  phone_number: user.phone_number ?? '',
});

export function ProfileForm({ live }: { live: Account }) {
  const client = useQueryClient();
  const [saving, setSaving] = useState(false);
  const { form, row: user, newer, goOn } = useRowForm(live, valuesOf);

  const saved = (me: Me | undefined) => {
    if (me?.user) goOn(me.user);
    client.setQueryData(meOptions.queryKey, me);
  };

  // Two resources of the server, one form for people: whichever changed is saved.
  const save = async (values: ReturnType<typeof valuesOf>) => {
    setSaving(true);
    const phoneDirty = form.isDirty('phone_number');
    try {
      if (form.isDirty('display_name') || form.isDirty('email')) {
        const { data } = await http.PUT('/api/auth/me', {
          body: { display_name: values.display_name, email: values.email.trim() || null },
          headers: { 'If-Match': `"${user.version}"` },
        });
        saved(data);
        // Half of it is saved: the other half is still as it was typed.
        if (phoneDirty) form.setFieldValue('phone_number', values.phone_number);
      }
      if (phoneDirty) {
        const { data } = await http.PUT('/api/auth/me/phone', {
          body: { phone_number: values.phone_number.trim() || null },
        });
        saved(data);
      }
      notifyDone('Your account is saved');
    } catch (error) {
      const problem = toProblem(error);
      const errors = fieldErrors(problem, NAMES);
      if (problem.code === 'email_taken') errors.email = 'Somebody else has that address.';
      form.setErrors(errors);
      if (Object.keys(errors).length === 0) notifyProblem('Couldn’t save your account', problem);
      if (problem.status === 412) await client.invalidateQueries({ queryKey: meOptions.queryKey });
    } finally {
      setSaving(false);
    }
  };

  return (
    <form noValidate onSubmit={form.onSubmit((values) => void save(values))}>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <TextInput label="Name" autoComplete="name" maxLength={100} {...form.getInputProps('display_name')} />
        <TextInput
          label="E-mail"
          description="You may sign in with it, too."
          type="email"
          autoComplete="email"
          maxLength={254}
          {...form.getInputProps('email')}
        />
        <TextInput
          label="Phone number"
          description="For colleagues who need to reach you."
          type="tel"
          autoComplete="tel"
          maxLength={40}
          {...form.getInputProps('phone_number')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={saving} disabled={!form.isDirty()}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
