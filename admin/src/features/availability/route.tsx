import { createLazyRoute } from '@tanstack/react-router';
import { AvailabilityPage } from './availability';

export const Route = createLazyRoute('/app/availability')({ component: AvailabilityPage });
