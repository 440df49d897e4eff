import { createLazyRoute } from '@tanstack/react-router';
import { ContactPage } from './contact';
import { ContactsPage } from './contacts';
import { DuplicatesPage } from './duplicates';

export const ListRoute = createLazyRoute('/app/contacts')({ component: ContactsPage });
export const DetailRoute = createLazyRoute('/app/contacts/$contactId')({ component: ContactPage });
export const DuplicatesRoute = createLazyRoute('/app/contacts/duplicates')({ component: DuplicatesPage });
