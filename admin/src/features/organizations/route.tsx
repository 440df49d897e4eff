import { createLazyRoute } from '@tanstack/react-router';
import { OrganizationsPage } from './organizations';

export const Route = createLazyRoute('/app/organizations')({ component: OrganizationsPage });
