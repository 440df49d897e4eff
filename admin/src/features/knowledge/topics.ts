import {
  type Icon,
  IconAddressBook,
  IconCar,
  IconClock,
  IconCreditCard,
  IconFileText,
  IconInfoCircle,
  IconListDetails,
  IconMapPin,
  IconTag,
  IconUsers,
} from '@tabler/icons-react';

export const TOPICS = [
  'hours',
  'location',
  'prices',
  'parking',
  'payment',
  'policies',
  'services',
  'staff',
  'contact',
  'other',
] as const;
export type Topic = (typeof TOPICS)[number];

type TopicFace = { label: string; icon: Icon; catches: string };

/** `catches`: questions that need no keyword, because the assistant knows the common ways to ask them. */
const FACES: Record<Topic, TopicFace> = {
  hours: { label: 'Opening hours', icon: IconClock, catches: 'When are you open? Are you open Sundays?' },
  location: { label: 'Location', icon: IconMapPin, catches: 'Where are you? What’s your address?' },
  prices: { label: 'Prices', icon: IconTag, catches: 'How much is it? What do you charge?' },
  parking: { label: 'Parking', icon: IconCar, catches: 'Can I park there? Is parking free?' },
  payment: { label: 'Payment', icon: IconCreditCard, catches: 'Do you take cards? Can I pay cash?' },
  policies: { label: 'Policies', icon: IconFileText, catches: 'What if I cancel late? Is there a fee?' },
  services: { label: 'Services', icon: IconListDetails, catches: 'What do you offer? Do you do this?' },
  staff: { label: 'Staff', icon: IconUsers, catches: 'Who will I see? Is somebody in today?' },
  contact: { label: 'Contact', icon: IconAddressBook, catches: 'What’s your phone number or email?' },
  other: {
    label: 'Something else',
    icon: IconInfoCircle,
    catches: 'Nothing by itself: its title and keywords decide.',
  },
};

/** A topic the server may add later is treated as something else. */
export const topicOf = (value: string): Topic => TOPICS.find((t) => t === value) ?? 'other';
export const topicFace = (value: string): TopicFace => FACES[topicOf(value)];
