import { createLazyRoute } from '@tanstack/react-router';
import { ServicesPage } from './services';

export const Route = createLazyRoute('/app/services')({ component: ServicesPage });
