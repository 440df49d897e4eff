import { createLazyRoute } from '@tanstack/react-router';
import { TeamPage } from './team';

export const Route = createLazyRoute('/app/team')({ component: TeamPage });
