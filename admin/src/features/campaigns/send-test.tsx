import { Alert, Button, Group, Modal, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import type { Campaign } from '@/api/types';
import { ContactSelect } from '@/components/contact-select';
import classes from './campaigns.module.css';
import { reasonWords } from './words';

type Props = { campaign: Campaign; onClose: () => void };

/** One text of it to one contact, to see how it reads. */
export function SendTest({ campaign, onClose }: Props) {
  const [contact, setContact] = useState<string | null>(null);
  const [step, setStep] = useState('0');
  const send = api.useMutation('post', '/api/campaigns/{id}/test');
  const result = send.data;
  return (
    <Modal opened onClose={onClose} title="Send a test" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        <p className={classes.facts}>
          A real text, to somebody who may be texted now. It counts for nothing in the campaign’s figures.
        </p>
        <ContactSelect value={contact} onChange={setContact} />
        {campaign.steps.length > 1 && (
          <Select
            label="Which text"
            allowDeselect={false}
            value={step}
            onChange={(value) => setStep(value ?? '0')}
            data={campaign.steps.map(({ position, template_name }) => ({
              value: String(position),
              label: `${position + 1}: ${template_name ?? 'a template that is gone'}`,
            }))}
          />
        )}
        <div aria-live="polite">
          {send.error && (
            <Alert color="red" title="It could not be sent">
              {toProblem(send.error).message}
            </Alert>
          )}
          {result && (
            <Alert color={result.sent ? 'green' : 'yellow'} title={result.sent ? 'Sent' : 'Not sent'}>
              <span data-testid="test-result">
                {!result.sent && result.reason && `${reasonWords(result.reason)}. `}
                {result.sentence}
              </span>
              {result.text && (
                <p className={classes.bubble}>
                  {result.variant && campaign.steps.length > 0 && <b>{result.variant}: </b>}
                  {result.text}
                </p>
              )}
            </Alert>
          )}
        </div>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button
            disabled={!contact}
            loading={send.isPending}
            onClick={() =>
              contact &&
              send.mutate({
                params: { path: { id: campaign.id } },
                body: { contact_id: contact, step: Number(step) },
              })
            }
          >
            Send it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
