import { Button, Fieldset, Group, Modal, PasswordInput, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { sendersChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Sender, SenderCredentials } from '@/api/types';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { ErrorState, SkeletonRows } from '@/components/states';
import { formatDateTime } from '@/lib/time';
import { type AccountValues, accountBody, accountProblems } from './account-rules';
import classes from './senders.module.css';

type AccountFormProps = { sender: Sender; account: SenderCredentials | undefined; onClose: () => void };

/** Secrets are written here and never read back: whoever replaces the account enters all of it anew. */
function AccountForm({ sender, account, onClose }: AccountFormProps) {
  const client = useQueryClient();
  const form = useForm<AccountValues>({
    initialValues: {
      account_sid: account?.account_sid ?? '',
      auth_token: '',
      second_auth_token: '',
      api_key_sid: account?.api_key_sid ?? '',
      api_key_secret: '',
    },
    validate: accountProblems,
  });
  const save = api.useMutation('put', '/api/senders/{id}/credentials', {
    onSuccess: async () => {
      notifyDone(account ? 'Account replaced' : 'Account saved', sender.display_name);
      onClose();
      await sendersChanged(client);
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t save the account', problem);
    },
  });
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={form.onSubmit((values) =>
        save.mutate({ params: { path: { id: sender.id } }, body: accountBody(values) }),
      )}
    >
      <Stack gap="md">
        <Text size="sm">
          {account
            ? 'This replaces all of what is there. Secrets are never shown again, so enter them anew.'
            : 'For a number of another Twilio account, usually a subaccount. Secrets are kept encrypted and never shown again.'}
        </Text>
        <TextInput
          label="Account SID"
          placeholder="AC…"
          required
          maxLength={40}
          data-autofocus
          {...form.getInputProps('account_sid')}
        />
        <PasswordInput
          label="Auth token"
          description="Twilio signs its webhooks with it."
          required
          autoComplete="new-password"
          {...form.getInputProps('auth_token')}
        />
        <PasswordInput
          label="Second auth token"
          description="Only while you exchange tokens at Twilio: both are right until then."
          autoComplete="new-password"
          {...form.getInputProps('second_auth_token')}
        />
        <Fieldset legend="API key, optional">
          <Stack gap="sm">
            <TextInput
              label="API key SID"
              description="Requests are made with it in place of the auth token."
              placeholder="SK…"
              maxLength={40}
              {...form.getInputProps('api_key_sid')}
            />
            <PasswordInput
              label="API key secret"
              autoComplete="new-password"
              {...form.getInputProps('api_key_secret')}
            />
          </Stack>
        </Fieldset>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            {account ? 'Replace account' : 'Save account'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Remove({ sender }: { sender: Sender }) {
  const client = useQueryClient();
  const [asking, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/senders/{id}/credentials', {
    onSuccess: () => notifyDone('Account removed', sender.display_name),
    onError: (error) => notifyProblem('Couldn’t remove the account', toProblem(error)),
    onSettled: () => {
      close();
      return sendersChanged(client);
    },
  });
  return (
    <>
      <Button size="xs" variant="subtle" color="red" onClick={open}>
        Remove<VisuallyHidden> the account</VisuallyHidden>
      </Button>
      <Confirm
        opened={asking}
        title="Remove this account?"
        confirmLabel="Remove it"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: sender.id } } })}
      >
        {sender.display_name} belongs to the installation’s account again. If its number isn’t there, Twilio refuses its
        texts, and webhooks about it are no longer believed.
      </Confirm>
    </>
  );
}

function Facts({ account }: { account: SenderCredentials }) {
  const zone = useZone();
  const facts: [string, string][] = [
    ['Account SID', account.account_sid],
    ['Requests are made with', account.api_key_sid ? `API key ${account.api_key_sid}` : 'The auth token'],
    ['Webhooks are signed with', account.has_second_auth_token ? 'One of two auth tokens' : 'The auth token'],
    ['Entered', formatDateTime(account.updated_at, zone)],
  ];
  return (
    <dl className={classes.facts} data-testid="sender-account">
      {facts.map(([term, value]) => (
        <div key={term} className={classes.wideFact}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The Twilio account that a sender belongs to: the installation's, or one of its own. */
export function AccountCard({ sender }: { sender: Sender }) {
  const manages = useMay('senders.manage');
  const [editing, { open, close }] = useDisclosure();
  const query = api.useQuery(
    'get',
    '/api/senders/{id}/credentials',
    { params: { path: { id: sender.id } } },
    { enabled: manages },
  );
  if (!manages) return null;
  // That it has none of its own is answered with 404.
  const none = query.error !== null && toProblem(query.error).status === 404;
  const account = none ? undefined : query.data;
  const known = none || account !== undefined;
  return (
    <Card
      title="Twilio account"
      aside={
        known && (
          <Group gap={4}>
            {account && <Remove sender={sender} />}
            <Button size="xs" variant={account ? 'default' : 'light'} onClick={open}>
              {account ? 'Replace' : 'Use another account'}
            </Button>
          </Group>
        )
      }
      data-testid="account-card"
    >
      {account && <Facts account={account} />}
      {none && (
        <Text size="sm" c="dimmed">
          It belongs to the installation’s account.
        </Text>
      )}
      {query.error && !known ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isPending && <SkeletonRows rows={2} />}
      {known && (
        <Text size="sm" c="dimmed" mt={account ? 'sm' : 6}>
          If Twilio refuses the account, the sender is paused, with the reason, and its texts wait.
        </Text>
      )}
      <Modal
        opened={editing}
        onClose={close}
        title={account ? 'Replace the account' : 'Use another Twilio account'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {editing && <AccountForm sender={sender} account={account} onClose={close} />}
      </Modal>
    </Card>
  );
}
