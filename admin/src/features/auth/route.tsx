import { createLazyRoute } from '@tanstack/react-router';
import { SignIn } from './sign-in';

export const Route = createLazyRoute('/sign-in')({ component: SignIn });
