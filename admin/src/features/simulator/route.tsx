import { createLazyRoute } from '@tanstack/react-router';
import { SimulatorPage } from './simulator';

export const Route = createLazyRoute('/app/simulator')({ component: SimulatorPage });
