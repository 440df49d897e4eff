import { createLazyRoute } from '@tanstack/react-router';
import { PrivacyPage } from './privacy';

export const Route = createLazyRoute('/app/privacy')({ component: PrivacyPage });
