import { createLazyRoute } from '@tanstack/react-router';
import { AssistantPage } from './assistant';

export const Route = createLazyRoute('/app/assistant')({ component: AssistantPage });
