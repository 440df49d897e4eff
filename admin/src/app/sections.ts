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
import type { Permission } from '@/api/types';

/** What a link's badge counts. */
export type Badge = 'waiting' | 'reviews' | 'alert';

/** `needs`: shown to whoever has the permission. */
type SectionLink = {
  to: LinkProps['to'] & string;
  label: string;
  icon: Icon;
  badge?: Badge;
  needs?: Permission;
};
type Section = { title: string; links: SectionLink[] };

/** The pages, as the navigation and the search list them. */
const SECTIONS: Section[] = [
  {
    title: 'Front desk',
    links: [
      { to: '/', label: 'Dashboard', icon: IconLayoutDashboard, needs: 'analytics.read' },
      { to: '/simulator', label: 'Simulator', icon: IconDeviceMobileMessage, needs: 'simulator.use' },
    ],
  },
  {
    title: 'People',
    links: [
      {
        to: '/conversations',
        label: 'Conversations',
        icon: IconMessages,
        badge: 'waiting',
        needs: 'conversations.read',
      },
      { to: '/contacts', label: 'Contacts', icon: IconAddressBook, needs: 'contacts.read' },
      {
        to: '/opt-out-reviews',
        label: 'Opt-out reviews',
        icon: IconMessageCircleOff,
        badge: 'reviews',
        needs: 'compliance.read',
      },
    ],
  },
  {
    title: 'Calendar',
    links: [
      { to: '/slots', label: 'Slots', icon: IconCalendarWeek, needs: 'booking.read' },
      { to: '/appointments', label: 'Appointments', icon: IconCalendarCheck, needs: 'booking.read' },
    ],
  },
  {
    title: 'Answers',
    links: [
      { to: '/knowledge', label: 'Knowledge', icon: IconBook, needs: 'assistant.read' },
      { to: '/assistant', label: 'Assistant', icon: IconSparkles, badge: 'alert', needs: 'assistant.read' },
    ],
  },
  { title: 'System', links: [{ to: '/jobs', label: 'Jobs', icon: IconStack2, needs: 'jobs.read' }] },
];

/** The pages somebody may open. */
export const sectionsFor = (permissions: readonly Permission[]): Section[] =>
  SECTIONS.map((section) => ({
    ...section,
    links: section.links.filter(({ needs }) => !needs || permissions.includes(needs)),
  })).filter((section) => section.links.length > 0);
