import { createLazyRoute } from '@tanstack/react-router';
import { SendersPage } from './senders';

export const Route = createLazyRoute('/app/senders')({ component: SendersPage });
