import { createLazyRoute } from '@tanstack/react-router';
import { JobsPage } from './jobs';

export const Route = createLazyRoute('/app/jobs')({ component: JobsPage });
