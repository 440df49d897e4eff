import {
  Alert,
  Badge,
  Button,
  Code,
  CopyButton,
  Group,
  List,
  Modal,
  PasswordInput,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCopy, IconPrinter, IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { type ApiProblem, toProblem } from '@/api/problem';
import { meOptions } from '@/api/session';
import type { Enrolment } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import classes from './account.module.css';
import { type Account, fieldErrors, recoverySheet } from './forms';

type Step = 'begin' | 'remove' | 'codes';

const STEPS: Record<Step, { title: string; why: string; label: string }> = {
  begin: {
    title: 'Turn the second factor on',
    why: 'Enter your password, so that nobody else at your screen can do this.',
    label: 'Continue',
  },
  remove: {
    title: 'Turn the second factor off',
    why: 'From then on your password alone signs you in.',
    label: 'Turn off',
  },
  codes: {
    title: 'New recovery codes',
    why: 'The codes you have now will stop working.',
    label: 'Make new codes',
  },
};

export function SecondFactor({ user }: { user: Account }) {
  const client = useQueryClient();
  const [step, setStep] = useState<Step | null>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const done = () => {
    setStep(null);
    return client.invalidateQueries({ queryKey: meOptions.queryKey });
  };
  const password = useForm({ initialValues: { password: '' } });
  const refused = (error: unknown) => {
    const problem: ApiProblem = toProblem(error);
    const errors = fieldErrors(problem, { password: 'This' });
    password.setErrors(errors);
    if (Object.keys(errors).length === 0) notifyProblem('That didn’t work', problem);
  };
  const begin = api.useMutation('post', '/api/auth/me/totp', {
    onSuccess: (made) => {
      setStep(null);
      setEnrolment(made);
    },
    onError: refused,
  });
  const remove = api.useMutation('delete', '/api/auth/me/totp', {
    onSuccess: async () => {
      await done();
      notifyDone('The second factor is off');
    },
    onError: refused,
  });
  const renew = api.useMutation('post', '/api/auth/me/recovery-codes', {
    onSuccess: (made) => {
      setStep(null);
      setCodes(made.recovery_codes);
    },
    onError: refused,
  });
  const ask = (next: Step) => {
    password.reset();
    setStep(next);
  };
  const act = { begin, remove, codes: renew };
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="md">
        <Text size="sm" maw={460}>
          {user.second_factor
            ? 'Signing in asks for a code of your authenticator app, or for one of your recovery codes.'
            : 'With a code from your phone beside the password, a stolen password is of no use.'}
        </Text>
        <Badge color={user.second_factor ? 'green' : 'gray'} variant="light" data-testid="second-factor">
          {user.second_factor ? 'On' : 'Off'}
        </Badge>
      </Group>
      <Group gap="sm">
        {user.second_factor ? (
          <>
            <Button variant="default" onClick={() => ask('codes')}>
              New recovery codes
            </Button>
            <Button variant="light" color="red" leftSection={<IconShieldOff size={17} />} onClick={() => ask('remove')}>
              Turn off
            </Button>
          </>
        ) : (
          <Button leftSection={<IconShieldCheck size={17} />} onClick={() => ask('begin')}>
            Turn on
          </Button>
        )}
      </Group>

      <Modal
        opened={step !== null}
        onClose={() => setStep(null)}
        title={step ? STEPS[step].title : ''}
        size="sm"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {step && (
          <form noValidate onSubmit={password.onSubmit((body) => act[step].mutate({ body }))}>
            <Stack gap="md">
              <Text size="sm">{STEPS[step].why}</Text>
              <PasswordInput
                label="Your password"
                autoComplete="current-password"
                data-autofocus
                visibilityToggleButtonProps={{ 'aria-label': 'Show your password' }}
                {...password.getInputProps('password')}
              />
              <Group justify="flex-end">
                <Button type="submit" color={step === 'remove' ? 'red' : undefined} loading={act[step].isPending}>
                  {STEPS[step].label}
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Modal>
      <Modal
        opened={enrolment !== null}
        onClose={() => setEnrolment(null)}
        title="Add Frontdesk to your authenticator app"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {enrolment && (
          <FirstCode
            enrolment={enrolment}
            onDone={async (made) => {
              setEnrolment(null);
              setCodes(made);
              await done();
            }}
          />
        )}
      </Modal>
      <Modal
        opened={codes !== null}
        onClose={() => setCodes(null)}
        title="Your recovery codes"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {codes && <RecoveryCodes username={user.username} codes={codes} onClose={() => setCodes(null)} />}
      </Modal>
    </Stack>
  );
}

function FirstCode({ enrolment, onDone }: { enrolment: Enrolment; onDone: (codes: string[]) => void }) {
  const form = useForm({ initialValues: { code: '' } });
  const confirm = api.useMutation('post', '/api/auth/me/totp/confirm', {
    onSuccess: (made) => onDone(made.recovery_codes),
    onError: (error) => {
      const problem = toProblem(error);
      const errors = fieldErrors(problem, { code: 'This' });
      form.setErrors(errors);
      if (Object.keys(errors).length === 0) notifyProblem('Couldn’t turn it on', problem);
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((body) => confirm.mutate({ body }))}>
      <Stack gap="md">
        <Text size="sm">Scan this with the app, then enter the code that it shows.</Text>
        <img
          className={classes.qr}
          alt="QR code for the authenticator app"
          src={`data:image/svg+xml;utf8,${encodeURIComponent(enrolment.qr_svg)}`}
        />
        <Text size="sm" c="dimmed">
          Can’t scan? Enter this key by hand: <Code data-testid="totp-secret">{enrolment.secret}</Code>
        </Text>
        <TextInput
          label="Code"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={20}
          data-autofocus
          {...form.getInputProps('code')}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={confirm.isPending}>
            Turn on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function RecoveryCodes({
  username,
  codes,
  onClose,
}: {
  username: string;
  codes: readonly string[];
  onClose: () => void;
}) {
  const print = () => {
    const sheet = window.open('', '_blank', 'width=480,height=640');
    if (!sheet) return;
    const text = sheet.document.createElement('pre');
    text.textContent = recoverySheet(username, codes);
    sheet.document.body.append(text);
    sheet.print();
  };
  return (
    <Stack gap="md">
      <Alert color="brass" variant="light" title="They are shown only now">
        Keep them where you find them without your phone. Each signs you in once, in place of a code of the app.
      </Alert>
      <List listStyleType="none" className={classes.codes} data-testid="recovery-codes">
        {codes.map((code) => (
          <List.Item key={code}>{code}</List.Item>
        ))}
      </List>
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <CopyButton value={recoverySheet(username, codes)}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={<IconCopy size={16} />} onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={print}>
            Print
          </Button>
        </Group>
        <Button onClick={onClose}>I have kept them</Button>
      </Group>
    </Stack>
  );
}
