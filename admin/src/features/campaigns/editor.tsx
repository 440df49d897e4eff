import { Alert, Button, Group, Stack, TextInput } from '@mantine/core';
import { IconFlask, IconMessageCircle, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { api } from '@/api/client';
import { campaignsChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Campaign, DryRun } from '@/api/types';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { ChangedMeanwhile, useRowForm } from '@/components/row-form';
import { formatDateTime } from '@/lib/time';
import { AudienceFields } from './audience';
import classes from './campaigns.module.css';
import { bodyOf, formField, NAME_LIMIT, troublesOf, valuesOf } from './drafts';
import { DryRunResult } from './dry-run';
import { DeliveryFields, ScheduleFields, WinnerFields } from './schedule';
import { SendTest } from './send-test';
import { Steps } from './steps';

const route = getRouteApi('/app/campaigns/$campaignId');

/** What is asked before: nobody can be un-texted. */
type Asked = 'start' | 'delete' | 'test' | undefined;

function useActions(failed: (title: string, error: unknown) => void) {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const changed = () => campaignsChanged(client);
  const start = api.useMutation('post', '/api/campaigns/{id}/start', {
    onSuccess: (one) => notifyDone(one.state === 'scheduled' ? 'Campaign scheduled' : 'Campaign started', one.name),
    onError: (error) => failed('It did not start', error),
    onSettled: changed,
  });
  const remove = api.useMutation('delete', '/api/campaigns/{id}', {
    onSuccess: async () => {
      await navigate({ to: '/campaigns', replace: true });
      notifyDone('Campaign deleted', '');
    },
    onError: (error) => failed('It was not deleted', error),
    onSettled: changed,
  });
  return { start, remove };
}

/** A campaign that has not begun: whom, what, when; tried, and started. */
export function Editor({ live }: { live: Campaign | undefined }) {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const zone = useZone();
  const disabled = !useMay('campaigns.write');
  const sends = useMay('campaigns.send');
  const values = useCallback((one: Campaign | undefined) => valuesOf(one, zone), [zone]);
  const { form, row, newer, goOn } = useRowForm<Campaign | undefined, ReturnType<typeof values>>(
    live,
    values,
    troublesOf,
  );
  const [asked, ask] = useState<Asked>();
  const [tried, setTried] = useState<DryRun>();
  const failed = (title: string, error: unknown) => {
    const problem = toProblem(error);
    form.setErrors(Object.fromEntries(problem.fields.map((f) => [formField(f.field), f.message])));
    ask(undefined);
    if (problem.code === 'version_conflict') void campaignsChanged(client);
    else notifyProblem(title, problem);
  };
  const create = api.useMutation('post', '/api/campaigns');
  const update = api.useMutation('patch', '/api/campaigns/{id}');
  const dryRun = api.useMutation('post', '/api/campaigns/{id}/dry-run');
  const { start, remove } = useActions(failed);

  /** What is on screen, saved. Nothing where it could not be. */
  const saved = async (): Promise<Campaign | undefined> => {
    if (row && (disabled || !form.isDirty())) return row;
    if (form.validate().hasErrors) return undefined;
    const body = bodyOf(form.values, zone);
    try {
      if (!row) {
        const one = await create.mutateAsync({ body });
        notifyDone('Draft saved', one.name);
        await navigate({ to: '/campaigns/$campaignId', params: { campaignId: one.id }, replace: true });
        return one;
      }
      const header = { 'If-Match': `"${row.version}"` };
      const one = await update.mutateAsync({ params: { path: { id: row.id }, header }, body });
      goOn(one);
      setTried(undefined);
      await campaignsChanged(client);
      return one;
    } catch (error) {
      failed('The campaign was not saved', error);
      return undefined;
    }
  };
  const save = async () => {
    const one = await saved();
    if (one && row) notifyDone('Campaign saved', one.name);
  };
  const tryIt = async (): Promise<boolean> => {
    const one = await saved();
    if (!one) return false;
    try {
      setTried(await dryRun.mutateAsync({ params: { path: { id: one.id } } }));
      return true;
    } catch (error) {
      failed('The dry run did not work', error);
      return false;
    }
  };
  const path = row && { params: { path: { id: row.id } } };
  const saving = create.isPending || update.isPending;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {newer && (
        <div className={classes.above}>
          <ChangedMeanwhile onLoad={() => goOn(newer)} />
        </div>
      )}
      {row?.state === 'scheduled' && (
        <Alert
          color="petrol"
          mb="lg"
          title={`It begins ${row.starts_at ? formatDateTime(row.starts_at, zone) : 'soon'}`}
        >
          {disabled ? 'Nothing was sent yet.' : 'If you save a change it is a draft again, and has to be started anew.'}
        </Alert>
      )}
      <div className={classes.columns}>
        <div className={classes.column}>
          <Card title="Whom">
            <Stack gap="md">
              <TextInput
                label="Name"
                description="For you. Recipients do not see it."
                required
                maxLength={NAME_LIMIT}
                disabled={disabled}
                {...form.getInputProps('name')}
              />
              <AudienceFields form={form} disabled={disabled} />
            </Stack>
          </Card>
          <Card title="What">
            <Steps form={form} disabled={disabled} />
          </Card>
          <Card title="When">
            <ScheduleFields form={form} disabled={disabled} />
          </Card>
          <Card title="How">
            <DeliveryFields form={form} disabled={disabled} />
          </Card>
          <Card title="Variants">
            <WinnerFields form={form} disabled={disabled} />
          </Card>
        </div>
        <div className={classes.side}>
          <Card title={row ? 'Try it, then start it' : 'Save it, then try it'}>
            <Stack gap="md">
              <Group gap="sm">
                {!disabled && (
                  <Button type="submit" variant={row ? 'default' : 'filled'} loading={saving}>
                    {row ? 'Save' : 'Save draft'}
                  </Button>
                )}
                {row && (
                  <Button
                    variant="default"
                    leftSection={<IconFlask size={16} />}
                    loading={dryRun.isPending && !asked}
                    onClick={() => void tryIt()}
                  >
                    Dry run
                  </Button>
                )}
                {row && sends && (
                  <Button
                    variant="default"
                    leftSection={<IconMessageCircle size={16} />}
                    onClick={async () => {
                      if (await saved()) ask('test');
                    }}
                  >
                    Send a test
                  </Button>
                )}
                {row && sends && row.state === 'draft' && (
                  <Button
                    leftSection={<IconPlayerPlay size={16} />}
                    loading={dryRun.isPending}
                    onClick={async () => {
                      if (await tryIt()) ask('start');
                    }}
                  >
                    Start
                  </Button>
                )}
                {row && !disabled && (
                  <Button
                    variant="subtle"
                    color="red"
                    leftSection={<IconTrash size={16} />}
                    onClick={() => ask('delete')}
                  >
                    Delete
                  </Button>
                )}
              </Group>
              <div aria-live="polite">
                {tried ? (
                  <DryRunResult run={tried} />
                ) : (
                  <p className={classes.facts}>
                    A dry run tells how many would be texted at once, how many later and when, how many never and why,
                    and what it costs. Nothing is sent.
                  </p>
                )}
              </div>
            </Stack>
          </Card>
        </div>
      </div>
      {row && asked === 'test' && <SendTest campaign={row} onClose={() => ask(undefined)} />}
      <Confirm
        opened={asked === 'start'}
        title={row?.starts_at ? 'Schedule this campaign?' : 'Start this campaign?'}
        confirmLabel={row?.starts_at ? 'Schedule it' : 'Start it'}
        keepLabel="Not yet"
        color="petrol"
        busy={start.isPending}
        onClose={() => ask(undefined)}
        onConfirm={() => path && start.mutate(path, { onSuccess: () => ask(undefined) })}
      >
        {tried && <p className={classes.sentence}>{tried.sentence}</p>}
        Its audience and templates are kept as they are when it begins. Whether each may be texted is decided again at
        the moment their text leaves. It can be paused at any time.
      </Confirm>
      <Confirm
        opened={asked === 'delete'}
        title="Delete this campaign?"
        confirmLabel="Delete it"
        keepLabel="Keep it"
        busy={remove.isPending}
        onClose={() => ask(undefined)}
        onConfirm={() => path && remove.mutate(path)}
      >
        Nothing of it was sent. What was written here is gone.
      </Confirm>
    </form>
  );
}
