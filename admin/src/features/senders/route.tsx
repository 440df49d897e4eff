import { createLazyRoute } from '@tanstack/react-router';
import { SenderPage } from './sender';
import { SendersPage } from './senders';

export const ListRoute = createLazyRoute('/app/senders')({ component: SendersPage });
export const DetailRoute = createLazyRoute('/app/senders/$senderId')({ component: SenderPage });
