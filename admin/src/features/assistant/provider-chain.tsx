import { ActionIcon, Button, Loader, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconCheck,
  IconPlugConnected,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { assistantChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import type { AiProvider, AssistantSettings } from '@/api/types';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { EmptyState, ListState, SkeletonRows } from '@/components/states';
import { aiProviderName, formatMilliseconds, formatUsd, modelErrorSentence } from '@/lib/turn';
import { AddProvider } from './add-provider';
import classes from './assistant.module.css';
import { inOrder, moved } from './providers';

type Test = {
  isPending: boolean;
  error: unknown;
  data?: {
    ok: boolean;
    model: string;
    latency_ms: number;
    error?: string | null;
    detail?: string | null;
    cost_usd?: number | null;
  };
};

function TestResult({ test }: { test: Test }) {
  if (test.isPending) {
    return (
      <span>
        <Loader size={12} aria-hidden /> Asking it something small…
      </span>
    );
  }
  if (test.error) {
    return (
      <span data-bad>
        <IconAlertTriangle size={15} aria-hidden /> {toProblem(test.error).message}
      </span>
    );
  }
  const result = test.data;
  if (!result) return null;
  return (
    <span data-bad={!result.ok || undefined} data-good={result.ok || undefined} data-testid="provider-result">
      {result.ok ? <IconCheck size={15} aria-hidden /> : <IconAlertTriangle size={15} aria-hidden />}
      <span>
        {result.ok
          ? `Works: ${result.model} answered in ${formatMilliseconds(result.latency_ms)}${result.cost_usd ? `, for ${formatUsd(result.cost_usd)}` : ''}.`
          : modelErrorSentence(result.error ?? 'failed')}
        {result.detail && <span className={classes.detail}>{result.detail}</span>}
      </span>
    </span>
  );
}

function DeleteProvider({ provider, admin }: { provider: AiProvider; admin: boolean }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const remove = api.useMutation('delete', '/api/assistant/providers/{id}', {
    onSuccess: async () => {
      close();
      notifyDone('Model removed', provider.model);
      await assistantChanged(client);
    },
    onError: (error) => notifyProblem('Couldn’t remove the model', toProblem(error)),
  });
  return (
    <>
      <ActionIcon variant="subtle" color="red" aria-label={`Remove ${provider.model}`} disabled={!admin} onClick={open}>
        <IconTrash size={17} stroke={1.7} />
      </ActionIcon>
      <Confirm
        opened={opened}
        title="Remove this model?"
        confirmLabel="Remove"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={close}
        onConfirm={() => remove.mutate({ params: { path: { id: provider.id } } })}
      >
        {provider.model} by {aiProviderName(provider.provider)} will no longer be asked. Its key is deleted with it.
      </Confirm>
    </>
  );
}

function keyWords({ key_hint, input_price_usd_per_mtok: input, output_price_usd_per_mtok: output }: AiProvider) {
  const key = key_hint ? `Key …${key_hint.replace(/^…/, '')}` : 'No key of its own';
  return input != null && output != null
    ? `${key} · ${formatUsd(input)} in, ${formatUsd(output)} out per million tokens`
    : key;
}

type RowProps = { provider: AiProvider; admin: boolean; onEarlier?: () => void; onLater?: () => void };

/** Without `onEarlier` or `onLater` it cannot move that way. */
function ProviderRow({ provider, admin, onEarlier, onLater }: RowProps) {
  const client = useQueryClient();
  const test = api.useMutation('post', '/api/assistant/providers/{id}/test', {
    onSettled: () => assistantChanged(client),
  });
  return (
    <li data-testid="provider">
      <div className={classes.model}>
        <strong>{provider.model}</strong>
        <span>
          {aiProviderName(provider.provider)} · {keyWords(provider)}
        </span>
      </div>
      <div className={classes.tools}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Ask ${provider.model} earlier`}
          disabled={!onEarlier}
          onClick={onEarlier}
        >
          <IconArrowUp size={17} stroke={1.8} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Ask ${provider.model} later`}
          disabled={!onLater}
          onClick={onLater}
        >
          <IconArrowDown size={17} stroke={1.8} />
        </ActionIcon>
        <DeleteProvider provider={provider} admin={admin} />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlugConnected size={15} />}
          loading={test.isPending}
          disabled={!admin}
          aria-label={`Test ${provider.model}`}
          onClick={() => test.mutate({ params: { path: { id: provider.id } } })}
        >
          Test
        </Button>
      </div>
      <div className={classes.result} aria-live="polite">
        <TestResult test={test} />
      </div>
    </li>
  );
}

function OwnChain({ providers, admin }: { providers: AiProvider[]; admin: boolean }) {
  const client = useQueryClient();
  const order = api.useMutation('put', '/api/assistant/providers/order', {
    onError: (error) => notifyProblem('Couldn’t change the order', toProblem(error)),
    onSettled: () => assistantChanged(client),
  });
  const shown = order.isPending ? inOrder(providers, order.variables.body.ids) : providers;
  const ids = shown.map((p) => p.id);
  const mover = (index: number, by: -1 | 1) => {
    if (!admin || order.isPending || ids[index + by] === undefined) return undefined;
    return () => order.mutate({ body: { ids: moved(ids, index, by) } });
  };
  return (
    <ol className={classes.chain} aria-label="Models in the order they are asked">
      {shown.map((provider, index) => (
        <ProviderRow
          key={provider.id}
          provider={provider}
          admin={admin}
          onEarlier={mover(index, -1)}
          onLater={mover(index, 1)}
        />
      ))}
    </ol>
  );
}

function InstallationChain({ chain }: { chain: AssistantSettings['installation_chain'] }) {
  return (
    <>
      <Text size="sm" c="dimmed" px="lg" pb="xs">
        Set on the server for everyone. Add a model of your own, and only your own are asked.
      </Text>
      <ol className={classes.chain} aria-label="Models of the installation">
        {chain.map(({ provider, model }) => (
          <li key={`${provider}:${model}`}>
            <div className={classes.model}>
              <strong>{model}</strong>
              <span>{aiProviderName(provider)}</span>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

type ChainProps = {
  settings: AssistantSettings;
  query: { data?: { items: AiProvider[] }; isPending: boolean; error: unknown; refetch: () => unknown };
  admin: boolean;
};

export function ProviderChain({ settings, query, admin }: ChainProps) {
  const [opened, { open, close }] = useDisclosure();
  const providers = query.data?.items ?? [];
  const inherited = settings.chain === 'installation' && settings.installation_chain.length > 0;
  return (
    <Card
      title="Language models"
      flush
      aside={
        <Button size="xs" variant="light" leftSection={<IconPlus size={15} />} disabled={!admin} onClick={open}>
          Add a model
        </Button>
      }
    >
      <ListState
        query={query}
        isEmpty={providers.length === 0}
        skeleton={<SkeletonRows rows={2} />}
        empty={
          inherited ? (
            <InstallationChain chain={settings.installation_chain} />
          ) : (
            <EmptyState title="No model yet">
              Nothing is missing: the assistant works built in. Add a model to understand odd wording and open questions
              better.
            </EmptyState>
          )
        }
      >
        <Text size="sm" c="dimmed" px="lg" pb="xs">
          The first is asked first; the next one only if it fails.
        </Text>
        <OwnChain providers={providers} admin={admin} />
      </ListState>
      {admin && <AddProvider opened={opened} onClose={close} keysCanBeStored={settings.keys_can_be_stored} />}
    </Card>
  );
}
