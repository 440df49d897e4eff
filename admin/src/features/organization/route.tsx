import { createLazyRoute } from '@tanstack/react-router';
import { OrganizationPage } from './organization';

export const Route = createLazyRoute('/app/organization')({ component: OrganizationPage });
