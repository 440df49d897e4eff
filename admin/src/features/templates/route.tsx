import { createLazyRoute } from '@tanstack/react-router';
import { TemplatesPage } from './templates';

export const Route = createLazyRoute('/app/templates')({ component: TemplatesPage });
