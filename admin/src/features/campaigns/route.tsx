import { createLazyRoute } from '@tanstack/react-router';
import { CampaignPage } from './campaign';
import { CampaignsPage } from './campaigns';

export const ListRoute = createLazyRoute('/app/campaigns')({ component: CampaignsPage });
export const DetailRoute = createLazyRoute('/app/campaigns/$campaignId')({ component: CampaignPage });
