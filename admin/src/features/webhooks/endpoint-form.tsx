import { Button, Checkbox, Group, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { webhooksChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { WebhookEndpoint, WebhookEventType } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { GROUPS, urlProblem } from './events';
import classes from './webhooks.module.css';

type Props = { live: WebhookEndpoint | undefined; onSecret: (secret: string) => void; onClose: () => void };

const valuesOf = (endpoint: WebhookEndpoint | undefined) => ({
  url: endpoint?.url ?? '',
  description: endpoint?.description ?? '',
  all: !endpoint?.events,
  events: [...(endpoint?.events ?? [])],
  enabled: endpoint?.enabled ?? true,
});

export function EndpointForm({ live, onSecret, onClose }: Props) {
  const client = useQueryClient();
  const {
    form,
    row: endpoint,
    newer,
    goOn,
  } = useRowForm(live, valuesOf, {
    url: urlProblem,
    events: (events, values) => (!values.all && events.length === 0 ? 'Choose at least one.' : null),
  });
  const failed = (error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
    if (problem.fields.length === 0) notifyProblem('Couldn’t save the endpoint', problem);
  };
  const create = api.useMutation('post', '/api/webhook-endpoints', {
    onSuccess: async (made) => {
      onClose();
      onSecret(made.secret);
      await webhooksChanged(client);
    },
    onError: failed,
  });
  const update = api.useMutation('patch', '/api/webhook-endpoints/{id}', {
    onSuccess: async () => {
      notifyDone('Endpoint saved', form.values.url);
      onClose();
      await webhooksChanged(client);
    },
    onError: failed,
  });
  const save = form.onSubmit(({ url, description, all, events, enabled }) => {
    const body = {
      url: url.trim(),
      description: description.trim() || null,
      events: all ? null : (events as WebhookEventType[]),
      enabled,
    };
    if (!endpoint) return create.mutate({ body });
    const header = { 'If-Match': `"${endpoint.version}"` };
    update.mutate({ params: { path: { id: endpoint.id }, header }, body });
  });
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <TextInput
          label="Address"
          description="An https address of yours that takes POST requests."
          placeholder="https://example.com/hooks/frontdesk"
          required
          maxLength={2000}
          inputMode="url"
          data-autofocus
          {...form.getInputProps('url')}
        />
        <TextInput label="Description" maxLength={200} {...form.getInputProps('description')} />
        <Switch
          label="All events"
          description="Also those that later versions add."
          {...form.getInputProps('all', { type: 'checkbox' })}
        />
        {!form.values.all && (
          <Checkbox.Group label="Events" {...form.getInputProps('events')}>
            {GROUPS.map((group) => (
              <fieldset key={group.label} className={classes.group}>
                <legend>{group.label}</legend>
                <Stack gap={8}>
                  {group.events.map((event) => (
                    <Checkbox key={event.value} value={event.value} label={event.label} description={event.value} />
                  ))}
                </Stack>
              </fieldset>
            ))}
          </Checkbox.Group>
        )}
        <Switch
          label="Switched on"
          description="Switched off, nothing is sent and nothing is kept for later."
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {endpoint ? 'Save' : 'Add endpoint'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
