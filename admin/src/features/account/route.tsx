import { createLazyRoute } from '@tanstack/react-router';
import { AccountPage } from './account';

export const Route = createLazyRoute('/app/account')({ component: AccountPage });
