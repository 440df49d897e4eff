import { Group, Select } from '@mantine/core';
import { IconPlus, IconSpeakerphone } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { usePoll } from '@/api/live';
import { useMay, useZone } from '@/api/session';
import type { Campaign } from '@/api/types';
import { CampaignStateBadge } from '@/components/badges';
import { ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { SearchField } from '@/components/rows';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { campaignState } from '@/lib/labels';
import { formatDateTime } from '@/lib/time';
import { AudienceWords } from './audience-words';
import classes from './campaigns.module.css';
import { ProgressBar } from './progress-bar';
import { STATES } from './search';

const route = getRouteApi('/app/campaigns');

/** When it begins, began or ended. */
function Moment({ campaign }: { campaign: Campaign }) {
  const zone = useZone();
  const { state, starts_at, launched_at, ended_at, local_time } = campaign;
  if (ended_at)
    return (
      <>
        ended <RelativeTime value={ended_at} />
      </>
    );
  if (launched_at)
    return (
      <>
        began <RelativeTime value={launched_at} />
      </>
    );
  if (state === 'scheduled' && starts_at) return `begins ${formatDateTime(starts_at, zone)}`;
  const day = starts_at && `for ${formatDateTime(starts_at, zone)}`;
  const hour = local_time && `at ${local_time} on each clock`;
  return [day, hour].filter(Boolean).join(', ') || 'no date yet';
}

function Row({ campaign }: { campaign: Campaign }) {
  return (
    <li className={classes.row} data-testid="campaign">
      <div className={classes.rowHead}>
        <h2>
          <Link to="/campaigns/$campaignId" params={{ campaignId: campaign.id }}>
            {campaign.name}
          </Link>
          <CampaignStateBadge value={campaign.state} />
        </h2>
        <p className={classes.facts}>
          <AudienceWords audience={campaign.audience} /> · <Moment campaign={campaign} />
        </p>
      </div>
      {campaign.books && <ProgressBar books={campaign.books} label={`How far “${campaign.name}” is`} />}
    </li>
  );
}

function Filters() {
  const { q, state } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Group gap="sm" mb="md">
      <SearchField
        label="Search campaigns"
        placeholder="Name"
        initial={q ?? ''}
        onSearch={(text) =>
          void navigate({ search: (old) => ({ ...old, q: text.trim() || undefined }), replace: true })
        }
      />
      <Select
        aria-label="State"
        placeholder="Any state"
        clearable
        w={160}
        data={STATES.map((value) => ({ value, label: campaignState(value).label }))}
        value={state ?? null}
        onChange={(value) =>
          void navigate({ search: (old) => ({ ...old, state: STATES.find((s) => s === value) }), replace: true })
        }
      />
    </Group>
  );
}

/** Texts to many: what is planned, what is under way, and what became of it. */
export function CampaignsPage() {
  const { q, state } = route.useSearch();
  const writes = useMay('campaigns.write');
  const usual = usePoll(15_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/campaigns',
    { params: { query: { q, state, limit: 25 } } },
    {
      ...keyset,
      placeholderData: keepPreviousData,
      refetchInterval: ({ state: { data } }) =>
        data?.pages.some((page) => page.items.some((one) => one.state === 'running')) ? 5_000 : usual,
    },
  );
  const campaigns = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(q || state);
  return (
    <Page
      title="Campaigns"
      description="Texts to many. Each leaves only if its reader may be texted at that moment, and everybody is accounted for."
      actions={
        writes && (
          <ButtonLink to="/campaigns/$campaignId" params={{ campaignId: 'new' }} leftSection={<IconPlus size={17} />}>
            New campaign
          </ButtonLink>
        )
      }
    >
      <Filters />
      <Card flush>
        <ListState
          query={query}
          isEmpty={campaigns.length === 0}
          skeleton={<SkeletonRows rows={4} height={84} />}
          empty={
            <EmptyState
              icon={<IconSpeakerphone size={24} stroke={1.7} />}
              title={filtered ? 'No campaign matches' : 'No campaigns yet'}
            >
              {filtered
                ? 'Try another name or state.'
                : 'Say whom it is for, what they are sent and when. A dry run tells who would be texted, who later and who never, before anybody is.'}
            </EmptyState>
          }
        >
          <ul className={classes.list} aria-label="Campaigns">
            {campaigns.map((campaign) => (
              <Row key={campaign.id} campaign={campaign} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
    </Page>
  );
}
