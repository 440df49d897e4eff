import { Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { templatesChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { WhatsappTemplate } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { TextLength } from '@/components/text-length';
import { templateApproval, templateCategory } from '@/lib/labels';
import { templateVariables } from '@/lib/templates';

const SID = /^HX[0-9a-fA-F]{32}$/;
const CATEGORIES = ['utility', 'marketing', 'authentication'] as const;
const APPROVALS = ['unsubmitted', 'pending', 'approved', 'rejected', 'paused', 'disabled'] as const;

/** A template as it stands at Twilio. */
export function TemplateForm({ template, onClose }: { template: WhatsappTemplate | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: {
      name: template?.name ?? '',
      content_sid: template?.content_sid ?? '',
      language: template?.language ?? 'en',
      body: template?.body ?? '',
      category: template?.category ?? ('utility' as const),
      approval: template?.approval ?? ('approved' as const),
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Give it a name'),
      content_sid: (value) => (SID.test(value.trim()) ? null : 'HX and 32 hexadecimal digits'),
      language: (value) => (value.trim().length >= 2 ? null : 'Such as en or en_US'),
      body: (value) => (value.trim() ? null : 'Copy the text from Twilio, word for word'),
    },
  });
  const done = async (row: WhatsappTemplate) => {
    notifyDone(template ? 'Template saved' : 'Template added', row.name);
    onClose();
    await templatesChanged(client);
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.code === 'version_conflict') {
      notifyProblem('Somebody else changed it: open it again', problem);
      onClose();
      return void templatesChanged(client);
    }
    if (problem.fields.length === 0) notifyProblem('Couldn’t save the template', problem);
  };
  const create = api.useMutation('post', '/api/whatsapp-templates', { onSuccess: done, onError: failed });
  const update = api.useMutation('patch', '/api/whatsapp-templates/{id}', { onSuccess: done, onError: failed });
  const save = form.onSubmit((values) => {
    if (!template) return create.mutate({ body: values });
    update.mutate({
      params: { path: { id: template.id } },
      headers: { 'If-Match': `"${template.version}"` },
      body: values,
    });
  });
  const variables = templateVariables(form.values.body);
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <TextInput label="Name" required maxLength={120} data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="Content SID"
          description="From Twilio’s Content Template Builder."
          placeholder="HX…"
          required
          {...form.getInputProps('content_sid')}
        />
        <div>
          <Textarea
            label="Text"
            description="Word for word as approved, with {{1}}, {{2}}, … where something is filled in."
            required
            autosize
            minRows={3}
            maxRows={10}
            {...form.getInputProps('body')}
          />
          <TextLength text={form.values.body} limit={1600} whole />
          {variables.length > 0 && (
            <Text span size="xs" c="dimmed">
              {' '}
              · fills in {variables.map((name) => `{{${name}}}`).join(', ')}
            </Text>
          )}
        </div>
        <Group grow align="flex-start">
          <TextInput label="Language" required maxLength={12} {...form.getInputProps('language')} />
          <Select
            label="Category"
            allowDeselect={false}
            data={CATEGORIES.map((value) => ({ value, label: templateCategory(value).label }))}
            {...form.getInputProps('category')}
          />
        </Group>
        <Select
          label="WhatsApp’s decision"
          description="Only an approved template is sent."
          allowDeselect={false}
          data={APPROVALS.map((value) => ({ value, label: templateApproval(value).label }))}
          {...form.getInputProps('approval')}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {template ? 'Save' : 'Add template'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
