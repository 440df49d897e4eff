import { createLazyRoute } from '@tanstack/react-router';
import { JoinPage } from './join';

export const Route = createLazyRoute('/join/$token')({ component: JoinPage });
