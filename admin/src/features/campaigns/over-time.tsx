import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { api } from '@/api/client';
import type { Campaign } from '@/api/types';
import { Card } from '@/components/page';
import { ErrorState, SkeletonRows } from '@/components/states';
import { CampaignChart } from './chart';

/** When texts left, and when what came of them happened. */
export function OverTime({ campaign }: { campaign: Campaign }) {
  const { id } = campaign;
  const query = api.useQuery(
    'get',
    '/api/analytics/campaigns/{id}',
    { params: { path: { id } } },
    { refetchInterval: campaign.state === 'running' ? 10_000 : 60_000 },
  );
  const series = query.data;
  return (
    <Card
      title="Over time"
      aside={
        <Button
          component="a"
          href={`/api/analytics/campaigns/${id}/export`}
          download
          size="compact-sm"
          variant="subtle"
          leftSection={<IconDownload size={15} />}
        >
          CSV
        </Button>
      }
    >
      {series && <CampaignChart series={series} zone={series.timezone} />}
      {!series && query.error && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      {!series && !query.error && <SkeletonRows rows={2} height={60} />}
    </Card>
  );
}
