import { createLazyRoute } from '@tanstack/react-router';
import { AuditPage } from './audit';

export const Route = createLazyRoute('/app/audit')({ component: AuditPage });
