import { createLazyRoute } from '@tanstack/react-router';
import { SlotsPage } from './slots';

export const Route = createLazyRoute('/app/slots')({ component: SlotsPage });
