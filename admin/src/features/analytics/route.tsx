import { createLazyRoute } from '@tanstack/react-router';
import { AnalyticsPage } from './analytics';

export const Route = createLazyRoute('/app/analytics')({ component: AnalyticsPage });
