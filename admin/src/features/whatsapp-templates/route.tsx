import { createLazyRoute } from '@tanstack/react-router';
import { WhatsappTemplatesPage } from './whatsapp-templates';

export const Route = createLazyRoute('/app/whatsapp-templates')({ component: WhatsappTemplatesPage });
