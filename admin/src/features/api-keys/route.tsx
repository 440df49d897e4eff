import { createLazyRoute } from '@tanstack/react-router';
import { ApiKeysPage } from './api-keys';

export const Route = createLazyRoute('/app/api-keys')({ component: ApiKeysPage });
