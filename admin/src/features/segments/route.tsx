import { createLazyRoute } from '@tanstack/react-router';
import { SegmentsPage } from './segments';

export const Route = createLazyRoute('/app/segments')({ component: SegmentsPage });
