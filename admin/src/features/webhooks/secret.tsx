import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './webhooks.module.css';

/** The one time that a secret is shown. */
export function SecretModal({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      closeOnClickOutside={false}
      title="Signing secret"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        <Alert color="yellow" variant="light">
          Copy it now: it isn’t shown again. Whoever has it can pretend to be Frontdesk.
        </Alert>
        <Code block className={classes.secret} data-testid="webhook-secret">
          {secret}
        </Code>
        <Text size="sm" c="dimmed">
          Your receiver checks the webhook-signature header with it.
        </Text>
        <Group justify="flex-end" gap="sm">
          <CopyButton value={secret ?? ''}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                onClick={copy}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>I’ve stored it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
