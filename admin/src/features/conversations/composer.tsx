import { Alert, Button, Kbd, Textarea } from '@mantine/core';
import { IconBrandWhatsapp, IconLock, IconSend2 } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { api } from '@/api/client';
import { conversationsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Conversation } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { useNow } from '@/components/relative-time';
import { TextCheck } from '@/components/text-check';
import { TextLength } from '@/components/text-length';
import { takesFreeText } from '@/lib/templates';
import { formatDateTime } from '@/lib/time';
import { blockedReason, LIMIT, sendable, sendsOn } from './composing';
import classes from './conversations.module.css';
import { TemplateComposer } from './template-composer';

type ComposerProps = { conversation: Conversation; text: string; onText: (text: string) => void };

/** Where staff write to the contact, or why they may not. */
export function Composer({ conversation, text, onText }: ComposerProps) {
  const client = useQueryClient();
  const hintId = useId();
  const blocked = blockedReason(conversation.contact_status, useMay('messages.send'));
  const send = api.useMutation('post', '/api/conversations/{id}/messages', {
    onSuccess: () => onText(''),
    // A refusal for consent is news about the conversation, too.
    onSettled: () => conversationsChanged(client),
  });
  const problem = send.error ? toProblem(send.error) : null;
  const zone = useZone();
  const open = takesFreeText(conversation, useNow());
  const submit = () => {
    if (!sendable(text) || send.isPending) return;
    send.mutate({ params: { path: { id: conversation.id } }, body: { body: text.trim() } });
  };

  if (blocked) {
    return (
      <Alert color="gray" variant="light" icon={<IconLock size={18} />} p="xs" data-testid="composer-blocked">
        {blocked}{' '}
        {conversation.contact_status === 'under_review' && (
          <AnchorLink to="/opt-out-reviews" size="sm" fw={600}>
            Decide it
          </AnchorLink>
        )}
      </Alert>
    );
  }
  if (!open) {
    return (
      <>
        <Alert
          color="gray"
          variant="light"
          icon={<IconBrandWhatsapp size={18} />}
          p="xs"
          mb="xs"
          data-testid="window-closed"
        >
          More than 24 hours have passed since they last wrote: WhatsApp takes only approved templates now.
        </Alert>
        <TemplateComposer conversation={conversation} />
      </>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Textarea
        autosize
        minRows={2}
        maxRows={8}
        aria-label="Write to the contact"
        aria-describedby={hintId}
        placeholder="Write as yourself…"
        data-testid="composer"
        value={text}
        readOnly={send.isPending}
        error={problem && (problem.field('body') ?? problem.message)}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (!sendsOn(event) || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <TextCheck text={text} channel={conversation.channel} onText={onText} />
      <div className={classes.composeFoot}>
        <div id={hintId} className={classes.composeHint}>
          <TextLength text={text} limit={LIMIT} whole={conversation.channel === 'whatsapp'} />
          {conversation.window_until && (
            <span data-testid="window-open">
              WhatsApp takes free text until {formatDateTime(conversation.window_until, zone)}.
            </span>
          )}
          {conversation.mode === 'bot' && (
            <span>Your text takes the conversation over: the assistant keeps quiet until you release it.</span>
          )}
        </div>
        <span className={classes.keys} aria-hidden="true">
          <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
        </span>
        <Button
          type="submit"
          size="sm"
          leftSection={<IconSend2 size={16} />}
          loading={send.isPending}
          disabled={!sendable(text)}
        >
          Send
        </Button>
      </div>
    </form>
  );
}
