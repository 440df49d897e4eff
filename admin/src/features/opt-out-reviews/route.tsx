import { createLazyRoute } from '@tanstack/react-router';
import { OptOutReviewsPage } from './opt-out-reviews';

export const Route = createLazyRoute('/app/opt-out-reviews')({ component: OptOutReviewsPage });
