import { createLazyRoute } from '@tanstack/react-router';
import { ReportsPage } from './reports';

export const Route = createLazyRoute('/app/reports')({ component: ReportsPage });
