import { createLazyRoute } from '@tanstack/react-router';
import { AppointmentsPage } from './appointments';

export const Route = createLazyRoute('/app/appointments')({ component: AppointmentsPage });
