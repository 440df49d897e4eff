import { createLazyRoute } from '@tanstack/react-router';
import { SuppressionsPage } from './suppressions';

export const Route = createLazyRoute('/app/suppressions')({ component: SuppressionsPage });
