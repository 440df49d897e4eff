import {
  type Icon,
  IconAddressBook,
  IconCalendarCheck,
  IconCalendarWeek,
  IconDeviceMobileMessage,
  IconLayoutDashboard,
  IconMessages,
  IconStack2,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

type Section = { title: string; links: { to: LinkProps['to'] & string; label: string; icon: Icon }[] };

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
      { to: '/conversations', label: 'Conversations', icon: IconMessages },
      { to: '/contacts', label: 'Contacts', icon: IconAddressBook },
    ],
  },
  {
    title: 'Calendar',
    links: [
      { to: '/slots', label: 'Slots', icon: IconCalendarWeek },
      { to: '/appointments', label: 'Appointments', icon: IconCalendarCheck },
    ],
  },
  { title: 'System', links: [{ to: '/jobs', label: 'Jobs', icon: IconStack2 }] },
];
