import { Button } from '@mantine/core';
import { IconCopy, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { campaignsChanged } from '@/api/invalidate';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { Campaign } from '@/api/types';
import { CampaignStateBadge } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { ErrorState, PageLoading } from '@/components/states';
import { isMoving } from './books';
import { Course } from './course';
import { Editor } from './editor';
import { PlanWords } from './plan-words';

const route = getRouteApi('/app/campaigns/$campaignId');

const CAN_CANCEL = new Set<Campaign['state']>(['scheduled', 'running', 'paused']);

/** Pause and go on, end, and a copy to go on from. */
function Actions({ campaign }: { campaign: Campaign }) {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const [writes, sends] = [useMay('campaigns.write'), useMay('campaigns.send')];
  const [ending, setEnding] = useState(false);
  const failed = (error: unknown) => notifyProblem('That did not work', toProblem(error));
  const after = { onError: failed, onSettled: () => campaignsChanged(client) };
  const pause = api.useMutation('post', '/api/campaigns/{id}/pause', after);
  const resume = api.useMutation('post', '/api/campaigns/{id}/resume', after);
  const cancel = api.useMutation('post', '/api/campaigns/{id}/cancel', after);
  const duplicate = api.useMutation('post', '/api/campaigns/{id}/duplicate', {
    ...after,
    onSuccess: (copy) => {
      notifyDone('Campaign duplicated', copy.name);
      void navigate({ to: '/campaigns/$campaignId', params: { campaignId: copy.id } });
    },
  });
  const path = { params: { path: { id: campaign.id } } };
  return (
    <>
      {sends && campaign.state === 'running' && (
        <Button
          leftSection={<IconPlayerPause size={16} />}
          loading={pause.isPending}
          onClick={() => pause.mutate(path)}
        >
          Pause
        </Button>
      )}
      {sends && campaign.state === 'paused' && (
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(path)}
        >
          Resume
        </Button>
      )}
      {sends && CAN_CANCEL.has(campaign.state) && (
        <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={() => setEnding(true)}>
          Cancel
        </Button>
      )}
      {writes && (
        <Button
          variant="default"
          leftSection={<IconCopy size={16} />}
          loading={duplicate.isPending}
          onClick={() => duplicate.mutate(path)}
        >
          Duplicate
        </Button>
      )}
      <Confirm
        opened={ending}
        title="Cancel this campaign?"
        confirmLabel="Cancel the campaign"
        keepLabel="Keep it"
        busy={cancel.isPending}
        onClose={() => setEnding(false)}
        onConfirm={() => cancel.mutate(path, { onSuccess: () => setEnding(false) })}
      >
        Whoever has not been texted is not. What was sent stays sent, and it cannot be taken up again.
      </Confirm>
    </>
  );
}

const back = (
  <AnchorLink to="/campaigns" size="sm">
    ‹ Campaigns
  </AnchorLink>
);

function Body({ campaign }: { campaign: Campaign }) {
  const { state, books } = campaign;
  if (state === 'draft' || state === 'scheduled') return <Editor key={campaign.id} live={campaign} />;
  if (books) return <Course campaign={campaign} books={books} />;
  return (
    <Card title="Plan">
      <PlanWords campaign={campaign} />
      <p>{state === 'cancelled' ? 'It was cancelled before it began.' : 'It begins.'}</p>
    </Card>
  );
}

function Existing({ id }: { id: string }) {
  const usual = usePoll(15_000);
  const query = api.useQuery(
    'get',
    '/api/campaigns/{id}',
    { params: { path: { id } } },
    {
      refetchInterval: ({ state: { data } }) => (data && isMoving(data) ? 5_000 : usual),
    },
  );
  if (query.isPending) return <PageLoading />;
  const campaign = query.data;
  if (!campaign) {
    return (
      <Page title="Campaign" above={back}>
        <ErrorState error={query.error} onRetry={() => query.refetch()} />
      </Page>
    );
  }
  return (
    <Page
      title={campaign.name}
      wide
      above={back}
      description={<CampaignStateBadge value={campaign.state} data-testid="campaign-state" />}
      actions={<Actions campaign={campaign} />}
    >
      <Body campaign={campaign} />
    </Page>
  );
}

/** One campaign, or a new one. */
export function CampaignPage() {
  const { campaignId } = route.useParams();
  const writes = useMay('campaigns.write');
  if (campaignId !== 'new') return <Existing key={campaignId} id={campaignId} />;
  return (
    <Page title="New campaign" wide above={back}>
      {writes ? <Editor live={undefined} /> : <p>Ask somebody who may write campaigns.</p>}
    </Page>
  );
}
