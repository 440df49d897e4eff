import { ActionIcon, Button, Drawer, Group, Input, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Contact } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { lifecycleStage } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { attributeChange, attributesOf, draftOf, fieldsOf, isStage, RULES, STAGES } from './drafts';

type FormProps = { live: Contact | undefined; onClose: () => void };

function ContactForm({ live, onClose }: FormProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [existing, setExisting] = useState<string>();
  const { form, row: contact, newer, goOn } = useRowForm(live, draftOf, RULES);
  const saved = async (row: Contact) => {
    notifyDone(contact ? 'Contact saved' : 'Contact added', personName(row));
    onClose();
    await contactsChanged(client);
    if (!contact) await navigate({ to: '/contacts/$contactId', params: { contactId: row.id } });
  };
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    if (problem.code === 'already_exists') {
      setExisting(problem.field('phone_number'));
      return form.setErrors({ phone_number: 'Another contact has this number' });
    }
    if (problem.code === 'in_use') return form.setErrors({ phone_number: problem.message });
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.fields.length === 0) notifyProblem('Couldn’t save the contact', problem);
  };
  const create = api.useMutation('post', '/api/contacts', { onSuccess: saved, onError: failed });
  const update = api.useMutation('patch', '/api/contacts/{id}', { onSuccess: saved, onError: failed });
  const save = form.onSubmit((draft) => {
    setExisting(undefined);
    const phone_number = draft.phone_number.trim();
    if (!contact)
      return create.mutate({ body: { ...fieldsOf(draft), phone_number, custom: attributesOf(draft.custom) } });
    update.mutate({
      params: { path: { id: contact.id } },
      headers: { 'If-Match': `"${contact.version}"` },
      body: {
        ...fieldsOf(draft),
        ...(phone_number === contact.phone_number ? {} : { phone_number }),
        custom: attributeChange(contact.custom, draft.custom),
      },
    });
  });
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <div>
          <TextInput
            label="Phone number"
            description={
              contact
                ? 'Can be changed until they text or consent is recorded.'
                : 'Any usual spelling. Adding somebody is no consent of theirs.'
            }
            type="tel"
            required
            maxLength={40}
            data-autofocus={contact ? undefined : true}
            {...form.getInputProps('phone_number')}
          />
          {existing && (
            <AnchorLink to="/contacts/$contactId" params={{ contactId: existing }} size="sm" onClick={onClose}>
              Open that contact
            </AnchorLink>
          )}
        </div>
        <Group grow align="flex-start">
          <TextInput label="First name" {...form.getInputProps('first_name')} />
          <TextInput label="Last name" {...form.getInputProps('last_name')} />
        </Group>
        <TextInput label="E-mail" type="email" {...form.getInputProps('email')} />
        <Group grow align="flex-start">
          <Select
            label="Stage"
            allowDeselect={false}
            data={STAGES.map((value) => ({ value, label: lifecycleStage(value).label }))}
            value={form.values.lifecycle_stage}
            onChange={(value) => isStage(value) && form.setFieldValue('lifecycle_stage', value)}
          />
          <Select
            label="Language"
            clearable
            placeholder="Not known"
            data={[
              { value: 'en', label: 'English' },
              { value: 'es', label: 'Spanish' },
            ]}
            value={form.values.language || null}
            onChange={(value) => form.setFieldValue('language', value ?? '')}
          />
        </Group>
        <Group grow align="flex-start">
          <Select
            label="Time zone"
            searchable
            clearable
            placeholder="As the organization’s"
            limit={50}
            data={Intl.supportedValuesOf('timeZone')}
            value={form.values.timezone || null}
            onChange={(value) => form.setFieldValue('timezone', value ?? '')}
            error={form.errors.timezone}
          />
          <TextInput label="ZIP or postal code" maxLength={12} {...form.getInputProps('postal_code')} />
        </Group>
        <TagsInput
          label="Tags"
          description="Press Enter after each one."
          maxTags={20}
          splitChars={[',', ';']}
          {...form.getInputProps('tags')}
        />
        <Textarea
          label="Notes"
          description="For staff only."
          autosize
          minRows={3}
          maxRows={10}
          {...form.getInputProps('notes')}
        />
        <Input.Wrapper
          label="Attributes"
          description="Whatever else you keep."
          error={form.errors.custom}
          labelElement="div"
        >
          <Stack gap="xs" mt={6}>
            {form.values.custom.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
              <Group key={index} gap="xs" wrap="nowrap">
                <TextInput
                  aria-label={`Name of attribute ${index + 1}`}
                  placeholder="Name"
                  maxLength={60}
                  {...form.getInputProps(`custom.${index}.name`)}
                />
                <TextInput
                  aria-label={`Value of attribute ${index + 1}`}
                  placeholder="Value"
                  maxLength={500}
                  flex={1}
                  {...form.getInputProps(`custom.${index}.value`)}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove attribute ${index + 1}`}
                  onClick={() => form.removeListItem('custom', index)}
                >
                  <IconTrash size={17} />
                </ActionIcon>
              </Group>
            ))}
            <div>
              <Button
                variant="light"
                size="xs"
                leftSection={<IconPlus size={15} />}
                onClick={() => form.insertListItem('custom', { name: '', value: '' })}
              >
                Add an attribute
              </Button>
            </div>
          </Stack>
        </Input.Wrapper>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {contact ? 'Save' : 'Add contact'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type DrawerProps = { opened: boolean; contact?: Contact; onClose: () => void };

/** A new contact, or the one given. */
export function ContactDrawer({ opened, contact, onClose }: DrawerProps) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={contact ? 'Edit contact' : 'New contact'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <ContactForm live={contact} onClose={onClose} />}
    </Drawer>
  );
}
