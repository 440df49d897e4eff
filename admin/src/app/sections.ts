import {
  type Icon,
  IconAddressBook,
  IconBook,
  IconBrandWhatsapp,
  IconBuilding,
  IconCalendarCheck,
  IconCalendarWeek,
  IconChartBar,
  IconClockHour9,
  IconDeviceMobileMessage,
  IconFilter,
  IconFlag,
  IconHistory,
  IconId,
  IconKey,
  IconLayoutDashboard,
  IconLink,
  IconMessageCircleOff,
  IconMessages,
  IconMoonStars,
  IconPhoneOff,
  IconQuote,
  IconSend,
  IconServer,
  IconShieldLock,
  IconSparkles,
  IconSpeakerphone,
  IconStack2,
  IconTemplate,
  IconTool,
  IconUsersGroup,
  IconWebhook,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { Me, Permission } from '@/api/types';

/** What a link's badge counts. */
export type Badge = 'waiting' | 'reviews' | 'alert' | 'team' | 'urgent' | 'paused';

type Path = LinkProps['to'] & string;
/** `needs`: for whoever has one of these permissions, or is a superuser of the installation. `members`: not for visiting superusers. */
type SectionLink = {
  to: Path;
  label: string;
  icon: Icon;
  badge?: Badge;
  needs: readonly Permission[] | 'superuser';
  members?: true;
};
/** `folded`: a group for now and then, which is opened by hand. */
type Section = { title: string; folded?: true; links: SectionLink[] };

/** The pages, as the navigation and the search list them: what is looked at all day comes first. */
export const SECTIONS: Section[] = [
  {
    title: 'Front desk',
    links: [
      { to: '/', label: 'Dashboard', icon: IconLayoutDashboard, needs: ['analytics.read'] },
      { to: '/analytics', label: 'Analytics', icon: IconChartBar, needs: ['analytics.read'] },
      {
        to: '/conversations',
        label: 'Conversations',
        icon: IconMessages,
        badge: 'waiting',
        needs: ['conversations.read'],
      },
      { to: '/reports', label: 'Reports', icon: IconFlag, badge: 'urgent', needs: ['reports.read', 'team.write'] },
      {
        to: '/team',
        label: 'Team messages',
        icon: IconUsersGroup,
        badge: 'team',
        needs: ['team.write'],
        members: true,
      },
      { to: '/simulator', label: 'Simulator', icon: IconDeviceMobileMessage, needs: ['simulator.use'] },
    ],
  },
  {
    title: 'People',
    links: [
      { to: '/contacts', label: 'Contacts', icon: IconAddressBook, needs: ['contacts.read'] },
      { to: '/segments', label: 'Segments', icon: IconFilter, needs: ['contacts.read'] },
      {
        to: '/opt-out-reviews',
        label: 'Opt-out reviews',
        icon: IconMessageCircleOff,
        badge: 'reviews',
        needs: ['compliance.read'],
      },
      { to: '/suppressions', label: 'Block list', icon: IconPhoneOff, needs: ['compliance.read'] },
      { to: '/quiet-hours', label: 'Quiet hours', icon: IconMoonStars, needs: ['compliance.read'] },
      { to: '/disclosures', label: 'Disclosures', icon: IconQuote, needs: ['compliance.read'] },
    ],
  },
  {
    title: 'Campaigns',
    links: [
      { to: '/campaigns', label: 'Campaigns', icon: IconSpeakerphone, needs: ['campaigns.read'] },
      { to: '/templates', label: 'Templates', icon: IconTemplate, needs: ['campaigns.read'] },
      { to: '/links', label: 'Links', icon: IconLink, needs: ['campaigns.read'] },
    ],
  },
  {
    title: 'Calendar',
    links: [
      { to: '/appointments', label: 'Appointments', icon: IconCalendarCheck, needs: ['booking.read'] },
      { to: '/slots', label: 'Slots', icon: IconCalendarWeek, needs: ['booking.read'] },
      { to: '/availability', label: 'Availability', icon: IconClockHour9, needs: ['booking.read'] },
      { to: '/services', label: 'Services', icon: IconTool, needs: ['booking.read'] },
    ],
  },
  {
    title: 'Answers',
    links: [
      { to: '/knowledge', label: 'Knowledge', icon: IconBook, needs: ['assistant.read'] },
      {
        to: '/whatsapp-templates',
        label: 'WhatsApp templates',
        icon: IconBrandWhatsapp,
        needs: ['campaigns.read'],
      },
      { to: '/assistant', label: 'Assistant', icon: IconSparkles, badge: 'alert', needs: ['assistant.read'] },
    ],
  },
  {
    title: 'Settings and system',
    folded: true,
    links: [
      { to: '/organization', label: 'Organization', icon: IconBuilding, needs: ['settings.manage'] },
      { to: '/staff', label: 'Staff', icon: IconId, needs: ['users.read'] },
      { to: '/senders', label: 'Senders', icon: IconSend, badge: 'paused', needs: ['senders.manage'] },
      { to: '/api-keys', label: 'API keys', icon: IconKey, needs: ['api_keys.manage'] },
      { to: '/webhooks', label: 'Webhooks', icon: IconWebhook, needs: ['webhooks.manage'] },
      { to: '/privacy', label: 'Privacy', icon: IconShieldLock, needs: ['settings.manage'] },
      { to: '/audit', label: 'Audit log', icon: IconHistory, needs: ['audit.read'] },
      { to: '/jobs', label: 'Jobs', icon: IconStack2, needs: ['jobs.read'] },
      { to: '/organizations', label: 'Installation', icon: IconServer, needs: 'superuser' },
    ],
  },
];

type Somebody = Pick<Me, 'permissions' | 'user'>;

const opens = (me: Somebody, { needs, members }: SectionLink): boolean => {
  if (needs === 'superuser') return Boolean(me.user?.superuser);
  return (!members || Boolean(me.user?.role)) && needs.some((one) => me.permissions.includes(one));
};

/** The pages somebody may open. */
export const sectionsFor = (me: Somebody): Section[] =>
  SECTIONS.map((section) => ({ ...section, links: section.links.filter((link) => opens(me, link)) })).filter(
    (section) => section.links.length > 0,
  );

export const isAt = (to: Path, pathname: string): boolean =>
  pathname === to || (to !== '/' && pathname.startsWith(`${to}/`));

/** The page of this address, when it is one that somebody may not open. */
export const closedTo = (me: Somebody, pathname: string): SectionLink | undefined =>
  SECTIONS.flatMap((section) => section.links).find((link) => isAt(link.to, pathname) && !opens(me, link));

/** Where somebody begins who may not see the dashboard. */
export const firstPageFor = (me: Somebody): Path => sectionsFor(me)[0]?.links[0]?.to ?? '/account';
