import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { IconAlertTriangle, IconClockPause } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import { formatWait, toProblem } from '@/api/problem';
import { meOptions } from '@/api/session';
import { Logo } from '@/components/logo';
import classes from './sign-in.module.css';

const route = getRouteApi('/sign-in');

/** Seconds until `until`, counting down. */
function useCountdown(until: number | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const update = () => setLeft(until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000)));
    update();
    if (until === null) return undefined;
    const timer = setInterval(update, 500);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

export function SignIn() {
  useDocumentTitle('Sign in · Frontdesk');
  const search = route.useSearch();
  const router = useRouter();
  const client = useQueryClient();
  const [blockedUntil, setBlockedUntil] = useState<number | null>(null);
  const wait = useCountdown(blockedUntil);
  const [asksCode, setAsksCode] = useState(false);

  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { username: '', password: '', code: '' },
    validate: {
      username: (value) => (value.trim() ? null : 'Enter your username'),
      password: (value) => (value ? null : 'Enter your password'),
    },
  });

  const login = api.useMutation('post', '/api/admin/auth/login', {
    onSuccess: (me) => {
      client.clear();
      client.setQueryData(meOptions.queryKey, me);
      router.history.push(search.return ? router.options.basepath + search.return : `${router.options.basepath}/`);
    },
    onError: (error) => {
      const problem = toProblem(error);
      if (problem.status === 429) setBlockedUntil(Date.now() + (problem.retryAfterSeconds ?? 60) * 1000);
      // The password was right: it is sent again with the code, so it stays.
      if (problem.code === 'second_factor_required') setAsksCode(true);
      else if (problem.code !== 'second_factor_invalid') startOver();
      form.setFieldValue('code', '');
    },
  });
  const startOver = () => {
    setAsksCode(false);
    form.setFieldValue('password', '');
  };

  const failed = login.error ? toProblem(login.error) : null;
  const problem = failed?.code === 'second_factor_required' ? null : failed;
  const blocked = problem?.status === 429 && wait > 0;

  return (
    <main className={classes.screen}>
      <div className={classes.panel}>
        <div className={classes.brand}>
          <Logo size={34} />
        </div>
        <div>
          <p className={classes.pitch}>
            <span>Every text answered.</span> <span>Every opening kept.</span>
          </p>
          <div className={classes.thread} aria-hidden="true">
            <span className={classes.them}>can I come in tomorrow afternoon?</span>
            <span className={classes.us}>I have 1:00, 2:30 or 4:00 PM. Which one suits you?</span>
            <span className={classes.them}>the second one</span>
            <span className={classes.us}>2:30 PM tomorrow it is. Shall I book it?</span>
          </div>
        </div>
      </div>
      <div className={classes.side}>
        <form
          className={classes.form}
          noValidate
          onSubmit={form.onSubmit(({ username, password, code }) =>
            login.mutate({
              body: { username: username.trim(), password, ...(code.trim() ? { code: code.trim() } : {}) },
            }),
          )}
        >
          <div className={classes.smallBrand}>
            <Logo size={34} />
          </div>
          <Title order={1}>{asksCode ? 'One more step' : 'Sign in'}</Title>
          <Text c="dimmed" size="sm" mt={4} mb="lg">
            {asksCode
              ? 'Enter the code your authenticator app shows now. Without your phone, enter one of your recovery codes.'
              : search.return
                ? 'Sign in to go on where you were.'
                : 'Use the account your administrator gave you.'}
          </Text>
          <Stack gap="md">
            {problem && (problem.status !== 429 || blocked) && (
              <Alert
                role="alert"
                variant="light"
                color={blocked ? 'brass' : 'red'}
                icon={blocked ? <IconClockPause /> : <IconAlertTriangle />}
                title={blocked ? 'Too many attempts' : 'Couldn’t sign you in'}
              >
                {blocked ? `Wait ${formatWait(wait)}, then try again.` : problem.message}
              </Alert>
            )}
            {asksCode ? (
              <TextInput
                label="Code"
                autoComplete="one-time-code"
                autoCapitalize="none"
                spellCheck={false}
                autoFocus
                size="md"
                key={form.key('code')}
                {...form.getInputProps('code')}
              />
            ) : (
              <>
                <TextInput
                  label="Username"
                  autoComplete="username"
                  autoCapitalize="none"
                  spellCheck={false}
                  autoFocus
                  size="md"
                  key={form.key('username')}
                  {...form.getInputProps('username')}
                />
                <PasswordInput
                  label="Password"
                  autoComplete="current-password"
                  size="md"
                  visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
                  key={form.key('password')}
                  {...form.getInputProps('password')}
                />
              </>
            )}
            <Button type="submit" size="md" loading={login.isPending} disabled={blocked}>
              {asksCode ? 'Continue' : 'Sign in'}
            </Button>
            {asksCode && (
              <Button
                variant="subtle"
                color="gray"
                onClick={() => {
                  login.reset();
                  startOver();
                }}
              >
                Sign in as somebody else
              </Button>
            )}
          </Stack>
        </form>
      </div>
    </main>
  );
}
