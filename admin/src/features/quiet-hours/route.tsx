import { createLazyRoute } from '@tanstack/react-router';
import { QuietHoursPage } from './quiet-hours';

export const Route = createLazyRoute('/app/quiet-hours')({ component: QuietHoursPage });
