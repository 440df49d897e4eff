import { createLazyRoute } from '@tanstack/react-router';
import { ContactPage } from './contact';
import { ContactsPage } from './contacts';

export const ListRoute = createLazyRoute('/app/contacts')({ component: ContactsPage });
export const DetailRoute = createLazyRoute('/app/contacts/$contactId')({ component: ContactPage });
