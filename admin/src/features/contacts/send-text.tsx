import { Button, Group, Textarea } from '@mantine/core';
import { IconSend2 } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { conversationsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { TextCheck } from '@/components/text-check';
import { TextLength } from '@/components/text-length';
import { characterCount } from '@/lib/segments';
import classes from './contacts.module.css';

const LIMIT = 1600;

/** Texts the contact from their latest conversation, or begins one. */
export function SendText({ contactId }: { contactId: string }) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const send = api.useMutation('post', '/api/messages', {
    onSuccess: () => setText(''),
    onSettled: () => conversationsChanged(client),
  });
  const problem = send.error ? toProblem(send.error) : null;
  const body = text.trim();
  const sendable = body !== '' && characterCount(body) <= LIMIT;
  return (
    <form
      className={classes.send}
      onSubmit={(event) => {
        event.preventDefault();
        if (sendable && !send.isPending) send.mutate({ body: { contact_id: contactId, body } });
      }}
    >
      <Textarea
        aria-label="Text this contact"
        placeholder="Text this contact…"
        autosize
        minRows={2}
        maxRows={8}
        value={text}
        readOnly={send.isPending}
        error={problem && (problem.field('body') ?? problem.message)}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TextCheck text={text} channel="sms" onText={setText} />
      <Group justify="space-between" mt={8} gap="sm">
        <TextLength text={text} limit={LIMIT} />
        <Button
          type="submit"
          size="sm"
          leftSection={<IconSend2 size={16} />}
          loading={send.isPending}
          disabled={!sendable}
        >
          Send
        </Button>
      </Group>
    </form>
  );
}
