import { Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { textTemplatesChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Template } from '@/api/types';
import { FormDrawer, FormFoot } from '@/components/form-drawer';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { ErrorState, SkeletonRows } from '@/components/states';
import { channel, templatePurpose } from '@/lib/labels';
import { Contents } from './contents';
import { bodyOf, CHANNELS, formPath, NAME_LIMIT, RULES, valuesOf, variantOf } from './drafts';
import { Look } from './look';
import { PURPOSES } from './search';
import { Variants } from './variants';

function TemplateForm({ live, onClose }: { live: Template | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const disabled = !useMay('campaigns.write');
  const { form, row: template, newer, goOn } = useRowForm(live, valuesOf, RULES);
  const [chosen, setOpen] = useState(0);
  const open = Math.min(chosen, form.values.variants.length - 1);
  const showFirst = (fields: string[]) => {
    const place = fields.map(variantOf).find((one) => one !== undefined);
    if (place !== undefined) setOpen(place);
  };
  const done = async () => {
    notifyDone(template ? 'Template saved' : 'Template added', form.values.name.trim());
    onClose();
    await textTemplatesChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [formPath(f.field), f.message])));
    showFirst(problem.fields.map((f) => f.field));
    if (problem.code === 'version_conflict') void textTemplatesChanged(client);
    else if (problem.fields.length === 0) notifyProblem('Couldn’t save the template', problem);
  };
  const create = api.useMutation('post', '/api/templates', { onSuccess: done, onError: failed });
  const update = api.useMutation('patch', '/api/templates/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit(
    (values) => {
      const body = bodyOf(values);
      if (!template) return create.mutate({ body });
      const header = { 'If-Match': `"${template.version}"` };
      update.mutate({ params: { path: { id: template.id }, header }, body });
    },
    (errors) => showFirst(Object.keys(errors)),
  );
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <TextInput
          label="Name"
          description="For you. Contacts do not see it."
          required
          maxLength={NAME_LIMIT}
          disabled={disabled}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Group grow align="start" wrap="wrap" preventGrowOverflow={false}>
          <Select
            label="Purpose"
            allowDeselect={false}
            disabled={disabled}
            data={PURPOSES.map((value) => ({ value, label: templatePurpose(value).label }))}
            {...form.getInputProps('purpose')}
          />
          <Select
            label="Channel"
            allowDeselect={false}
            disabled={disabled}
            data={[
              { value: 'any', label: 'Any' },
              ...CHANNELS.map((value) => ({ value, label: channel(value).label })),
            ]}
            {...form.getInputProps('channel')}
          />
          <Select
            label="Language"
            allowDeselect={false}
            disabled={disabled}
            data={[
              { value: 'any', label: 'Not said' },
              { value: 'en', label: 'English' },
              { value: 'es', label: 'Spanish' },
            ]}
            {...form.getInputProps('language')}
          />
        </Group>
        <Variants form={form} disabled={disabled} open={open} onOpen={setOpen} />
        <Look values={form.values} open={open} />
        {['any', 'whatsapp'].includes(form.values.channel) && <Contents form={form} disabled={disabled} />}
        <TagsInput
          label="Pictures and files"
          description="Public https addresses, up to 10. Press Enter after each one."
          placeholder={form.values.media.length === 0 ? 'https://…' : undefined}
          maxTags={10}
          splitChars={[' ']}
          disabled={disabled}
          {...form.getInputProps('media')}
        />
        {!disabled && (
          <FormFoot
            submit={template ? 'Save' : 'Add template'}
            saving={create.isPending || update.isPending}
            onBack={onClose}
          />
        )}
      </Stack>
    </form>
  );
}

function Existing({ id, onClose }: { id: string; onClose: () => void }) {
  const query = api.useQuery('get', '/api/templates/{id}', { params: { path: { id } } }, { staleTime: 0, gcTime: 0 });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={6} />;
  return <TemplateForm key={query.data.id} live={query.data} onClose={onClose} />;
}

/** `id` is a template's, or `new`, or nothing while closed. */
export function TemplateDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <FormDrawer
      id={id}
      onClose={onClose}
      size="xl"
      newTitle="New template"
      title="Template"
      fresh={<TemplateForm live={undefined} onClose={onClose} />}
      existing={(row) => <Existing id={row} onClose={onClose} />}
    />
  );
}
