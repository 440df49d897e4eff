export type SlotLike = { capacity: number; taken: number; available: boolean };

/** free: nobody yet · partly: some places left · full: no place left · closed: has places, but cannot be booked now. */
export type SlotState = 'free' | 'partly' | 'full' | 'closed';

export function slotState(slot: SlotLike): SlotState {
  if (slot.taken >= slot.capacity) return 'full';
  if (!slot.available) return 'closed';
  return slot.taken > 0 ? 'partly' : 'free';
}

export function slotLabel(slot: SlotLike): string {
  switch (slotState(slot)) {
    case 'free':
      return slot.capacity > 1 ? `Free, ${slot.capacity} places` : 'Free';
    case 'partly':
      return `${slot.taken} of ${slot.capacity} taken`;
    case 'full':
      return slot.capacity > 1 ? `Full, ${slot.capacity} of ${slot.capacity}` : 'Taken';
    case 'closed':
      return slot.taken > 0 ? `Closed, ${slot.taken} of ${slot.capacity} taken` : 'Closed';
  }
}
