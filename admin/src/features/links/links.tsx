import { Button, Code, CopyButton, Group, Modal, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconCopy, IconLink, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link as RouteLink } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { linksChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Link, LinkSettings } from '@/api/types';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { domainOf, shortAddress } from './address';
import classes from './links.module.css';

const route = getRouteApi('/app/links');

const valuesOf = (row: LinkSettings) => ({ enabled: row.enabled, base_url: row.base_url ?? '' });

function Settings({ live }: { live: LinkSettings }) {
  const client = useQueryClient();
  const disabled = !useMay('settings.manage');
  const { form, row, newer, goOn } = useRowForm(live, valuesOf);
  const save = api.useMutation('put', '/api/links/settings', {
    onSuccess: (saved) => {
      goOn(saved);
      notifyDone('Saved', saved.enabled ? 'Links in campaigns are shortened.' : 'Links are left as they are written.');
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t save', problem);
    },
    onSettled: () => linksChanged(client),
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ enabled, base_url }) =>
        save.mutate({
          params: { header: { 'If-Match': `"${row.version}"` } },
          body: { enabled, base_url: domainOf(base_url) },
        }),
      )}
    >
      <Stack gap="md">
        {newer && <ChangedMeanwhile onLoad={() => goOn(newer)} />}
        <Switch
          label="Shorten links in campaigns, and count who follows them"
          description="Off, links go out as they are written. Links that were sent keep working either way."
          disabled={disabled}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <TextInput
          label="Your own domain"
          description="It must lead to this server. Left empty, this server’s own address is used. Carriers distrust the shared domains of link shorteners."
          placeholder="go.example.com"
          maxLength={200}
          disabled={disabled}
          {...form.getInputProps('base_url')}
        />
        {!disabled && (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function NewLink({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { target_url: '' },
    validate: { target_url: (value) => (/^https?:\/\//.test(value.trim()) ? null : 'Begin with https://') },
  });
  const close = () => {
    form.reset();
    onClose();
  };
  const create = api.useMutation('post', '/api/links', {
    onSuccess: () => {
      notifyDone('Link made', 'It is the first in the list.');
      close();
    },
    onError: (error) => {
      const problem = toProblem(error);
      form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
      if (problem.fields.length === 0) notifyProblem('Couldn’t make the link', problem);
    },
    onSettled: () => linksChanged(client),
  });
  return (
    <Modal opened={opened} onClose={close} title="New link" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        noValidate
        onSubmit={form.onSubmit(({ target_url }) => create.mutate({ body: { target_url: target_url.trim() } }))}
      >
        <Stack gap="md">
          <TextInput
            label="Where it leads"
            placeholder="https://example.com/summer"
            required
            maxLength={2000}
            data-autofocus
            {...form.getInputProps('target_url')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Back
            </Button>
            <Button type="submit" loading={create.isPending}>
              Make it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Row({ link, settings }: { link: Link; settings: LinkSettings | undefined }) {
  const address = shortAddress(link, settings, window.location.origin);
  return (
    <li className={classes.row} data-testid="link">
      <div className={classes.what}>
        <div className={classes.address}>
          <Code>{address.replace(/^https?:\/\//, '')}</Code>
          <CopyButton value={address}>
            {({ copied, copy }) => (
              <Button variant="subtle" size="compact-xs" leftSection={<IconCopy size={13} />} onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </div>
        <p className={classes.target}>{link.target_url}</p>
        <p className={classes.facts}>
          {link.contact_id ? (
            <RouteLink to="/contacts/$contactId" params={{ contactId: link.contact_id }}>
              for one contact
            </RouteLink>
          ) : (
            'for anybody'
          )}
          {' · made '}
          <RelativeTime value={link.created_at} />
        </p>
      </div>
      <div className={classes.clicks}>
        <strong>{link.clicks === 1 ? '1 click' : `${link.clicks.toLocaleString('en')} clicks`}</strong>
        <span className={classes.facts}>
          {link.last_clicked_at ? <RelativeTime value={link.last_clicked_at} /> : 'not yet'}
          {link.bot_clicks > 0 && ` · ${link.bot_clicks.toLocaleString('en')} by programs`}
        </span>
      </div>
    </li>
  );
}

/** Short links, and who follows them. */
export function LinksPage() {
  const { clicked, batch, contact } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useMay('campaigns.write');
  const [adding, { open, close }] = useDisclosure();
  const [order, setOrder] = useState<'-id' | '-last_clicked_at'>('-id');
  const settings = api.useQuery('get', '/api/links/settings', {});
  const query = api.useInfiniteQuery(
    'get',
    '/api/links',
    {
      params: {
        query: {
          clicked: clicked && clicked === 'yes',
          batch_id: batch,
          contact_id: contact,
          sort: clicked === 'no' ? '-id' : order,
          limit: 50,
        },
      },
    },
    { ...keyset, placeholderData: keepPreviousData },
  );
  const links = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Links"
      description="Short links on your own domain, one per recipient, and who followed them."
      actions={
        writes &&
        settings.data?.enabled && (
          <Button leftSection={<IconPlus size={17} />} onClick={open}>
            New link
          </Button>
        )
      }
    >
      <Stack gap="lg">
        <Card title="Short links">{settings.data ? <Settings live={settings.data} /> : <SkeletonRows rows={2} />}</Card>
        <div>
          <Group gap="sm" mb="md">
            <Select
              aria-label="Followed"
              placeholder="Followed or not"
              clearable
              w={170}
              data={[
                { value: 'yes', label: 'Followed' },
                { value: 'no', label: 'Not followed' },
              ]}
              value={clicked ?? null}
              onChange={(value) =>
                void navigate({
                  search: (old) => ({ ...old, clicked: value === 'yes' || value === 'no' ? value : undefined }),
                  replace: true,
                })
              }
            />
            <Select
              aria-label="Order"
              allowDeselect={false}
              w={190}
              data={[
                { value: '-id', label: 'Newest first' },
                { value: '-last_clicked_at', label: 'Latest click first' },
              ]}
              value={order}
              onChange={(value) => setOrder(value === '-last_clicked_at' ? value : '-id')}
            />
            {(batch || contact) && (
              <Button
                variant="light"
                onClick={() => void navigate({ search: (old) => ({ clicked: old.clicked }), replace: true })}
              >
                Show all links
              </Button>
            )}
          </Group>
          <Card flush>
            <ListState
              query={query}
              isEmpty={links.length === 0}
              skeleton={<SkeletonRows rows={4} height={64} />}
              empty={
                <EmptyState icon={<IconLink size={24} stroke={1.7} />} title="No links here">
                  Links in campaigns appear here once they are sent, and those that you make by hand.
                </EmptyState>
              }
            >
              <ul className={classes.list} aria-label="Links">
                {links.map((link) => (
                  <Row key={link.id} link={link} settings={settings.data} />
                ))}
              </ul>
              <LoadMore query={query} />
            </ListState>
          </Card>
          <p className={classes.facts}>
            A click counts once a minute. Previews, scanners and whoever is faster than a reader are counted as
            programs; a scanner that passes for a browser is not known from a person.
          </p>
        </div>
      </Stack>
      <NewLink opened={adding} onClose={close} />
    </Page>
  );
}
