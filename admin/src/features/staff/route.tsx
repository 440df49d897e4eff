import { createLazyRoute } from '@tanstack/react-router';
import { StaffPage } from './staff';

export const Route = createLazyRoute('/app/staff')({ component: StaffPage });
