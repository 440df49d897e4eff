import {
  type Icon,
  IconAddressBook,
  IconBook,
  IconBuilding,
  IconBuildingCommunity,
  IconCalendarCheck,
  IconCalendarWeek,
  IconClockHour9,
  IconDeviceMobileMessage,
  IconFlag,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconMessageCircleOff,
  IconMessages,
  IconPhoneOff,
  IconSend,
  IconShieldLock,
  IconSparkles,
  IconStack2,
  IconTool,
  IconUsersGroup,
  IconWebhook,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { Me } from '@/api/types';

/** What a link's badge counts. */
export type Badge = 'waiting' | 'reviews' | 'alert' | 'team' | 'urgent';

/** `needs`: shown to whoever has the permission, or is a superuser of the installation. */
type SectionLink = {
  to: LinkProps['to'] & string;
  label: string;
  icon: Icon;
  badge?: Badge;
  needs?: Me['permissions'][number] | 'superuser';
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
      { to: '/suppressions', label: 'Block list', icon: IconPhoneOff, needs: 'compliance.read' },
    ],
  },
  {
    title: 'Team',
    links: [
      { to: '/team', label: 'Messages', icon: IconUsersGroup, badge: 'team', needs: 'team.write' },
      { to: '/reports', label: 'Reports', icon: IconFlag, badge: 'urgent', needs: 'team.write' },
    ],
  },
  {
    title: 'Calendar',
    links: [
      { to: '/slots', label: 'Slots', icon: IconCalendarWeek, needs: 'booking.read' },
      { to: '/services', label: 'Services', icon: IconTool, needs: 'booking.read' },
      { to: '/availability', label: 'Availability', icon: IconClockHour9, needs: 'booking.read' },
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
  {
    title: 'Settings',
    links: [
      { to: '/organization', label: 'Organization', icon: IconBuilding, needs: 'settings.manage' },
      { to: '/staff', label: 'Staff', icon: IconUsersGroup, needs: 'users.read' },
      { to: '/api-keys', label: 'API keys', icon: IconKey, needs: 'api_keys.manage' },
      { to: '/audit', label: 'Audit log', icon: IconHistory, needs: 'audit.read' },
      { to: '/organizations', label: 'Installation', icon: IconBuildingCommunity, needs: 'superuser' },
      { to: '/senders', label: 'Senders', icon: IconSend, needs: 'senders.manage' },
      { to: '/webhooks', label: 'Webhooks', icon: IconWebhook, needs: 'webhooks.manage' },
      { to: '/privacy', label: 'Privacy', icon: IconShieldLock, needs: 'settings.manage' },
    ],
  },
  { title: 'System', links: [{ to: '/jobs', label: 'Jobs', icon: IconStack2, needs: 'jobs.read' }] },
];

/** The pages somebody may open. */
export const sectionsFor = (me: Pick<Me, 'permissions' | 'user'>): Section[] =>
  SECTIONS.map((section) => ({
    ...section,
    links: section.links.filter(({ needs }) =>
      needs === 'superuser' ? me.user?.superuser : !needs || me.permissions.includes(needs),
    ),
  })).filter((section) => section.links.length > 0);
