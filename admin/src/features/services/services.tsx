import { ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconTool, IconTrash, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { calendarChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Provider, Service } from '@/api/types';
import { Pill } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import classes from '@/components/side-by-side.module.css';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { serviceFacts } from './facts';
import { ProviderDrawer } from './provider-drawer';
import { ServiceDrawer } from './service-drawer';

const route = getRouteApi('/app/services');

type DeleteProps = {
  name: string;
  busy: boolean;
  opened: boolean;
  open: () => void;
  close: () => void;
  run: () => void;
};

function DeleteButton({ name, busy, opened, open, close, run }: DeleteProps) {
  return (
    <>
      <ActionIcon variant="subtle" color="red" size="lg" aria-label={`Delete “${name}”`} onClick={open}>
        <IconTrash size={18} stroke={1.7} />
      </ActionIcon>
      <Confirm
        opened={opened}
        title={`Delete ${name}?`}
        confirmLabel="Delete"
        keepLabel="Keep it"
        busy={busy}
        onClose={close}
        onConfirm={run}
      >
        Only what has no slots and no weekly hours can be deleted. Anything else can be archived: open it and switch it
        off.
      </Confirm>
    </>
  );
}

function useDeletion() {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const done = async () => {
    close();
    notifyDone('Deleted');
    await calendarChanged(client);
  };
  const failed = (error: unknown) => {
    close();
    notifyProblem('It wasn’t deleted', toProblem(error));
  };
  return { opened, open, close, done, failed };
}

function DeleteService({ service }: { service: Service }) {
  const { done, failed, ...dialog } = useDeletion();
  const remove = api.useMutation('delete', '/api/services/{id}', { onSuccess: done, onError: failed });
  const run = () => remove.mutate({ params: { path: { id: service.id } } });
  return <DeleteButton name={service.name} busy={remove.isPending} run={run} {...dialog} />;
}

function DeleteProvider({ provider }: { provider: Provider }) {
  const { done, failed, ...dialog } = useDeletion();
  const remove = api.useMutation('delete', '/api/providers/{id}', { onSuccess: done, onError: failed });
  const run = () => remove.mutate({ params: { path: { id: provider.id } } });
  return <DeleteButton name={provider.name} busy={remove.isPending} run={run} {...dialog} />;
}

export function ServicesPage() {
  const { service, provider } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('catalog.write');
  const services = api.useInfiniteQuery('get', '/api/services', { params: { query: { limit: 100 } } }, keyset);
  const providers = api.useInfiniteQuery('get', '/api/providers', { params: { query: { limit: 100 } } }, keyset);
  const allServices = services.data?.pages.flatMap((page) => page.items) ?? [];
  const allProviders = providers.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => void navigate({ search: {} });
  return (
    <Page
      title="Services"
      description="What can be booked, and who offers it. The first active service is offered when a contact names none."
    >
      <div className={classes.columns}>
        <Card
          title="Services"
          flush
          aside={
            writes && (
              <ButtonLink to="/services" search={{ service: 'new' }} size="xs" leftSection={<IconPlus size={15} />}>
                New service
              </ButtonLink>
            )
          }
        >
          <ListState
            query={services}
            isEmpty={allServices.length === 0}
            skeleton={<SkeletonRows rows={3} height={48} />}
            empty={<EmptyState icon={<IconTool size={24} stroke={1.7} />} title="Nothing can be booked yet" />}
          >
            <ul className={classes.list} aria-label="Services">
              {allServices.map((row) => (
                <li key={row.id} className={classes.row} data-testid="service-row">
                  <div className={classes.text}>
                    <h3>
                      <Link to="/services" search={{ service: row.id }}>
                        {row.name}
                      </Link>
                      {row.kind === 'activity' && <Pill tone="accent">Activity</Pill>}
                      {!row.active && <Pill tone="neutral">Archived</Pill>}
                    </h3>
                    <p>{serviceFacts(row)}</p>
                    {row.description && <p>{row.description}</p>}
                  </div>
                  {writes && <DeleteService service={row} />}
                </li>
              ))}
            </ul>
            <LoadMore query={services} />
          </ListState>
        </Card>
        <Card
          title="Providers"
          flush
          aside={
            writes && (
              <ButtonLink to="/services" search={{ provider: 'new' }} size="xs" leftSection={<IconPlus size={15} />}>
                New provider
              </ButtonLink>
            )
          }
        >
          <ListState
            query={providers}
            isEmpty={allProviders.length === 0}
            skeleton={<SkeletonRows rows={2} height={48} />}
            empty={<EmptyState icon={<IconUser size={24} stroke={1.7} />} title="Nobody offers anything yet" />}
          >
            <ul className={classes.list} aria-label="Providers">
              {allProviders.map((row) => (
                <li key={row.id} className={classes.row} data-testid="provider-row">
                  <div className={classes.text}>
                    <h3>
                      <Link to="/services" search={{ provider: row.id }}>
                        {row.name}
                      </Link>
                      {!row.active && <Pill tone="neutral">Archived</Pill>}
                    </h3>
                    <p>{row.timezone.replaceAll('_', ' ')}</p>
                  </div>
                  {writes && <DeleteProvider provider={row} />}
                </li>
              ))}
            </ul>
            <LoadMore query={providers} />
          </ListState>
        </Card>
      </div>
      <ServiceDrawer id={service} onClose={close} />
      <ProviderDrawer id={provider} onClose={close} />
    </Page>
  );
}
