import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, http } from '@/api/client';
import { toProblem } from '@/api/problem';
import { meOptions } from '@/api/session';
import type { InvitationPreview, Me } from '@/api/types';
import { ButtonLink } from '@/components/links';
import { Logo } from '@/components/logo';
import { ErrorState, PageLoading } from '@/components/states';
import classes from './join.module.css';

const route = getRouteApi('/join/$token');

/** Whoever follows an invitation: with an account or without one, signed in or not. */
export function JoinPage() {
  useDocumentTitle('Invitation · Frontdesk');
  const { token } = route.useParams();
  const invitation = api.useQuery(
    'get',
    '/api/auth/invitations/{token}',
    { params: { path: { token } } },
    { retry: false },
  );
  const me = useQuery(meOptions);
  return (
    <main className={classes.screen}>
      <div className={classes.box}>
        <Logo size={34} />
        {invitation.isPending || me.isPending ? (
          <PageLoading />
        ) : invitation.data ? (
          <Invitation token={token} invitation={invitation.data} me={me.data} />
        ) : (
          <NoInvitation error={invitation.error} retry={() => void invitation.refetch()} />
        )}
      </div>
    </main>
  );
}

function NoInvitation({ error, retry }: { error: unknown; retry: () => void }) {
  if (toProblem(error).status !== 404) return <ErrorState error={error} onRetry={retry} />;
  return (
    <Stack gap="md" mt="lg">
      <Title order={1}>This invitation is over</Title>
      <Text c="dimmed">It was used, taken back, or too old. Ask whoever sent it for a new one.</Text>
      <ButtonLink to="/" variant="default">
        Go to the dashboard
      </ButtonLink>
    </Stack>
  );
}

type Props = { token: string; invitation: InvitationPreview };

function Invitation({ token, invitation, me }: Props & { me: Me | undefined }) {
  const user = me?.user;
  return (
    <Stack gap="md" mt="lg">
      <div>
        <Title order={1}>Join {invitation.organization}</Title>
        <Text c="dimmed" size="sm" mt={4}>
          {invitation.email} is invited as {invitation.role_name}.
        </Text>
      </div>
      {user ? (
        <Accept token={token} name={user.display_name || user.username} />
      ) : (
        <Register token={token} invitation={invitation} />
      )}
    </Stack>
  );
}

/** Everything in memory may be of another organization, or of nobody: begin anew. */
const enter = () => window.location.assign('/admin/');

function Accept({ token, name }: { token: string; name: string }) {
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const accept = async () => {
    setBusy(true);
    try {
      const { data } = await http.POST('/api/auth/invitations/accept', { body: { token } });
      if (data) await http.PUT('/api/auth/organization', { body: { organization_id: data.id } });
      enter();
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  };
  return (
    <>
      {failed !== null && <Failure error={failed} />}
      <Button size="md" loading={busy} onClick={() => void accept()}>
        Join as {name}
      </Button>
    </>
  );
}

function Failure({ error }: { error: unknown }) {
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle />} title="That didn’t work">
      {toProblem(error).message}
    </Alert>
  );
}

const NAMES: Record<string, string> = { username: 'It', display_name: 'It', password: 'This password' };

function Register({ token, invitation }: Props) {
  const [failed, setFailed] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { display_name: '', username: '', password: '' },
    validate: {
      display_name: (value) => (value.trim() ? null : 'Enter your name.'),
      username: (value) =>
        /^[\p{L}\p{N}][\p{L}\p{N}._-]{2,59}$/u.test(value.trim()) ? null : 'Use 3 to 60 letters or digits.',
      password: (value) => (value.length >= 10 ? null : 'Choose at least 10 characters.'),
    },
  });
  const register = async (values: typeof form.values) => {
    setBusy(true);
    setFailed(null);
    const username = values.username.trim();
    try {
      await http.POST('/api/auth/register', { body: { ...values, username, invitation_token: token } });
      await http.POST('/api/admin/auth/login', { body: { username, password: values.password } });
      enter();
    } catch (error) {
      const problem = toProblem(error);
      const errors = Object.fromEntries(
        problem.fields.filter((f) => f.field in NAMES).map((f) => [f.field, `${NAMES[f.field]} ${f.message}.`]),
      );
      if (problem.code === 'username_taken') errors.username = problem.message;
      form.setErrors(errors);
      if (Object.keys(errors).length === 0) setFailed(error);
      setBusy(false);
    }
  };
  return (
    <form noValidate onSubmit={form.onSubmit((values) => void register(values))}>
      <Stack gap="md">
        {failed !== null && <Failure error={failed} />}
        <TextInput label="Your name" autoComplete="name" size="md" {...form.getInputProps('display_name')} />
        <TextInput
          label="Username"
          description={`To sign in with; ${invitation.email} will do, too.`}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          size="md"
          {...form.getInputProps('username')}
        />
        <PasswordInput
          label="Password"
          description="10 characters or more; a few words that nobody would guess are best."
          autoComplete="new-password"
          size="md"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
        <Button type="submit" size="md" loading={busy}>
          Join
        </Button>
        <ButtonLink to="/sign-in" search={{ return: `/join/${encodeURIComponent(token)}` }} variant="subtle">
          I have an account: sign in and join
        </ButtonLink>
      </Stack>
    </form>
  );
}
