import {
  type Icon,
  IconAddressBook,
  IconBook,
  IconCalendarCheck,
  IconCalendarWeek,
  IconDeviceMobileMessage,
  IconLayoutDashboard,
  IconMessageCircleOff,
  IconMessages,
  IconSparkles,
  IconStack2,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

/** What a link's badge counts. */
export type Badge = 'waiting' | 'reviews' | 'alert';

type SectionLink = { to: LinkProps['to'] & string; label: string; icon: Icon; badge?: Badge };
type Section = { title: string; links: SectionLink[] };

/** The pages, as the navigation and the search list them. */
export const SECTIONS: Section[] = [
  {
    title: 'Front desk',
    links: [
      { to: '/', label: 'Dashboard', icon: IconLayoutDashboard },
      { to: '/simulator', label: 'Simulator', icon: IconDeviceMobileMessage },
    ],
  },
  {
    title: 'People',
    links: [
      { to: '/conversations', label: 'Conversations', icon: IconMessages, badge: 'waiting' },
      { to: '/contacts', label: 'Contacts', icon: IconAddressBook },
      { to: '/opt-out-reviews', label: 'Opt-out reviews', icon: IconMessageCircleOff, badge: 'reviews' },
    ],
  },
  {
    title: 'Calendar',
    links: [
      { to: '/slots', label: 'Slots', icon: IconCalendarWeek },
      { to: '/appointments', label: 'Appointments', icon: IconCalendarCheck },
    ],
  },
  {
    title: 'Answers',
    links: [
      { to: '/knowledge', label: 'Knowledge', icon: IconBook },
      { to: '/assistant', label: 'Assistant', icon: IconSparkles, badge: 'alert' },
    ],
  },
  { title: 'System', links: [{ to: '/jobs', label: 'Jobs', icon: IconStack2 }] },
];
