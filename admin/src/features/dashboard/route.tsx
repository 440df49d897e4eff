import { createLazyRoute } from '@tanstack/react-router';
import { DashboardPage } from './dashboard';

export const Route = createLazyRoute('/app/')({ component: DashboardPage });
