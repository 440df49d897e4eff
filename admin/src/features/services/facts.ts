import type { Service } from '@/api/types';

const minutes = (n: number): string => (n === 1 ? '1 minute' : `${n} minutes`);

/** "30 minutes, 10 minutes break" or "60 minutes, 8 places, held 30 minutes". */
export function serviceFacts(
  service: Pick<Service, 'duration_minutes' | 'buffer_minutes' | 'capacity' | 'hold_minutes' | 'kind'>,
): string {
  return [
    minutes(service.duration_minutes),
    service.buffer_minutes > 0 && `${minutes(service.buffer_minutes)} break`,
    service.kind === 'activity' && (service.capacity === 1 ? '1 place' : `${service.capacity} places`),
    typeof service.hold_minutes === 'number' && `held ${minutes(service.hold_minutes)}`,
  ]
    .filter(Boolean)
    .join(', ');
}
