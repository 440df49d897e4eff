import { createLazyRoute } from '@tanstack/react-router';
import { DisclosuresPage } from './disclosures';

export const Route = createLazyRoute('/app/disclosures')({ component: DisclosuresPage });
