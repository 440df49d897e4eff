import { ActionIcon, Alert, Button, Kbd, Textarea, TextInput } from '@mantine/core';
import { IconBrandWhatsapp, IconLock, IconPaperclip, IconSend2 } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
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
import { attachable, blockedReason, LIMIT, sendable, sendsOn } from './composing';
import classes from './conversations.module.css';
import { TemplateComposer } from './template-composer';

type ComposerProps = { conversation: Conversation; text: string; onText: (text: string) => void };

/** Where staff write to the contact, or why they may not. */
export function Composer({ conversation, text, onText }: ComposerProps) {
  const client = useQueryClient();
  const hintId = useId();
  /** Address of a picture or other file that goes with the text; null: none is wanted. */
  const [file, setFile] = useState<string | null>(null);
  const blocked = blockedReason(conversation.contact_status, useMay('messages.send'));
  const send = api.useMutation('post', '/api/conversations/{id}/messages', {
    onSuccess: () => {
      onText('');
      setFile(null);
    },
    // A refusal for consent is news about the conversation, too.
    onSettled: () => conversationsChanged(client),
  });
  const problem = send.error ? toProblem(send.error) : null;
  const zone = useZone();
  const open = takesFreeText(conversation, useNow());
  const ready = file === null ? sendable(text) : attachable(file) && (text.trim() === '' || sendable(text));
  const submit = () => {
    if (!ready || send.isPending) return;
    const body = file === null ? { body: text.trim() } : { body: text.trim() || undefined, media: [file.trim()] };
    send.mutate({ params: { path: { id: conversation.id } }, body });
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
          They have not written by WhatsApp in the last 24 hours, so it takes only approved templates now.
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
        error={problem && !problem.field('media') && (problem.field('body') ?? problem.message)}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (!sendsOn(event) || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      {file !== null && (
        <TextInput
          mt={6}
          size="xs"
          type="url"
          label="Address of a picture or file"
          description="Anybody must be able to open it: your provider fetches it from there."
          placeholder="https://…"
          maxLength={2000}
          data-autofocus
          value={file}
          readOnly={send.isPending}
          error={problem?.field('media')}
          onChange={(event) => setFile(event.currentTarget.value)}
        />
      )}
      <TextCheck text={text} channel={conversation.channel} media={file !== null} onText={onText} />
      <div className={classes.composeFoot}>
        <div id={hintId} className={classes.composeHint}>
          <TextLength text={text} limit={LIMIT} whole={conversation.channel === 'whatsapp' || file !== null} />
          {conversation.window_until && (
            <span data-testid="window-open">
              WhatsApp takes free text until {formatDateTime(conversation.window_until, zone)}.
            </span>
          )}
          {conversation.mode === 'bot' && (
            <span>Your text takes the conversation over: the assistant keeps quiet until you release it.</span>
          )}
        </div>
        <ActionIcon
          variant={file === null ? 'default' : 'light'}
          size={34}
          aria-label={file === null ? 'Attach a picture or file' : 'Attach nothing'}
          aria-pressed={file !== null}
          disabled={send.isPending}
          onClick={() => setFile(file === null ? '' : null)}
        >
          <IconPaperclip size={17} />
        </ActionIcon>
        <span className={classes.keys} aria-hidden="true">
          <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
        </span>
        <Button
          type="submit"
          size="sm"
          leftSection={<IconSend2 size={16} />}
          loading={send.isPending}
          disabled={!ready}
        >
          Send
        </Button>
      </div>
    </form>
  );
}
