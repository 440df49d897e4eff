import { Button, Modal, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBrandWhatsapp, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { templatesChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { WhatsappTemplate } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { templateApproval, templateCategory } from '@/lib/labels';
import { TemplateForm } from './template-form';
import classes from './whatsapp-templates.module.css';

function Row({ template, onEdit }: { template: WhatsappTemplate; onEdit: () => void }) {
  const client = useQueryClient();
  const writes = useMay('campaigns.write');
  const [asking, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/whatsapp-templates/{id}', {
    onSuccess: () => notifyDone('Template deleted', template.name),
    onError: (error) => notifyProblem('Couldn’t delete the template', toProblem(error)),
    onSettled: () => {
      close();
      return templatesChanged(client);
    },
  });
  const approval = templateApproval(template.approval);
  return (
    <li className={classes.row} data-testid="whatsapp-template">
      <div className={classes.what}>
        {template.name}
        <p lang={template.language.slice(0, 2)}>{template.body}</p>
        <small>
          {templateCategory(template.category).label} · {template.language} · {template.content_sid}
        </small>
      </div>
      <span className={classes.end}>
        <Pill tone={approval.tone}>{approval.label}</Pill>
        {writes && (
          <>
            <Button size="xs" variant="default" onClick={onEdit}>
              Edit<VisuallyHidden> {template.name}</VisuallyHidden>
            </Button>
            <Button size="xs" variant="subtle" color="red" onClick={open}>
              Delete<VisuallyHidden> {template.name}</VisuallyHidden>
            </Button>
          </>
        )}
      </span>
      <Confirm
        opened={asking}
        title="Delete this template?"
        confirmLabel="Delete"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: template.id } } })}
      >
        It can’t be sent from here any more. At Twilio it stays.
      </Confirm>
    </li>
  );
}

/** What may be sent by WhatsApp once 24 hours have passed since a contact wrote. */
export function WhatsappTemplatesPage() {
  const writes = useMay('campaigns.write');
  const [edited, setEdited] = useState<WhatsappTemplate | 'new'>();
  const query = api.useInfiniteQuery('get', '/api/whatsapp-templates', { params: { query: { limit: 50 } } }, keyset);
  const templates = query.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => setEdited(undefined);
  return (
    <Page
      title="WhatsApp templates"
      description="Free text goes by WhatsApp only within 24 hours of a contact’s last message. After that, only these."
      actions={
        writes && (
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited('new')}>
            New template
          </Button>
        )
      }
    >
      <Card flush>
        <ListState
          query={query}
          isEmpty={templates.length === 0}
          skeleton={<SkeletonRows rows={3} />}
          empty={
            <EmptyState icon={<IconBrandWhatsapp size={24} stroke={1.7} />} title="No templates yet">
              Make them in Twilio’s Content Template Builder, let WhatsApp approve them, then add them here.
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="WhatsApp templates">
            {templates.map((template) => (
              <Row key={template.id} template={template} onEdit={() => setEdited(template)} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
      <Modal
        opened={edited !== undefined}
        onClose={close}
        title={edited === 'new' ? 'New template' : 'Edit template'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {edited && <TemplateForm template={edited === 'new' ? undefined : edited} onClose={close} />}
      </Modal>
    </Page>
  );
}
