import { createLazyRoute } from '@tanstack/react-router';
import { ImportPage } from './import';
import { ImportsPage } from './imports';

export const ListRoute = createLazyRoute('/app/contacts/imports')({ component: ImportsPage });
export const DetailRoute = createLazyRoute('/app/contacts/imports/$importId')({ component: ImportPage });
