import { createLazyRoute } from '@tanstack/react-router';
import { KnowledgePage } from './knowledge';

export const Route = createLazyRoute('/app/knowledge')({ component: KnowledgePage });
