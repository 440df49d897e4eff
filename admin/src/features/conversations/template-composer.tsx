import { Button } from '@mantine/core';
import { IconSend2 } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { conversationsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { Conversation } from '@/api/types';
import { type ChosenTemplate, isFilled, TemplatePicker } from '@/components/template-picker';
import classes from './conversations.module.css';

/** What staff can still send by WhatsApp when 24 hours have passed: an approved template. */
export function TemplateComposer({ conversation, onSent }: { conversation: Conversation; onSent?: () => void }) {
  const client = useQueryClient();
  const [template, setTemplate] = useState<ChosenTemplate | null>(null);
  const send = api.useMutation('post', '/api/conversations/{id}/messages', {
    onSuccess: () => {
      setTemplate(null);
      onSent?.();
    },
    onSettled: () => conversationsChanged(client),
  });
  const problem = send.error ? toProblem(send.error) : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (template && isFilled(template) && !send.isPending)
          send.mutate({ params: { path: { id: conversation.id } }, body: { template } });
      }}
      data-testid="template-composer"
    >
      <TemplatePicker value={template} onChange={setTemplate} disabled={send.isPending} />
      {problem && (
        <p className={classes.composeProblem} role="alert">
          {problem.field('template') ?? problem.message}
        </p>
      )}
      {template && (
        <div className={classes.composeFoot}>
          <div className={classes.composeHint}>
            {conversation.mode === 'bot' && <span>It takes the conversation over.</span>}
          </div>
          <Button
            type="submit"
            size="sm"
            leftSection={<IconSend2 size={16} />}
            loading={send.isPending}
            disabled={!isFilled(template)}
          >
            Send template
          </Button>
        </div>
      )}
    </form>
  );
}
