import { Alert, Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './rows.module.css';

type ShownOnceProps = { secret: string; what: string; children: ReactNode; onDone: () => void };

/** Something the server tells once: a key, a link. */
export function ShownOnce({ secret, what, children, onDone }: ShownOnceProps) {
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" icon={<IconAlertTriangle />}>
        Copy it now. It isn’t shown again.
      </Alert>
      <Text size="sm" component="div">
        {children}
      </Text>
      <code className={classes.secret} data-testid="shown-once">
        {secret}
      </code>
      <Group justify="flex-end" gap="sm">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button
              variant="light"
              onClick={copy}
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              data-autofocus
            >
              {copied ? 'Copied' : `Copy the ${what}`}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
