import { createLazyRoute } from '@tanstack/react-router';
import { LinksPage } from './links';

export const Route = createLazyRoute('/app/links')({ component: LinksPage });
