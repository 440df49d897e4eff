import { createLazyRoute } from '@tanstack/react-router';
import { WebhooksPage } from './webhooks';

export const Route = createLazyRoute('/app/webhooks')({ component: WebhooksPage });
