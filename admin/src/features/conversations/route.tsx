import { createLazyRoute } from '@tanstack/react-router';
import { ConversationsPage } from './conversations';

export const Route = createLazyRoute('/app/conversations')({ component: ConversationsPage });
