import {
  ActionIcon,
  AppShell,
  Avatar,
  Burger,
  Collapse,
  Divider,
  Group,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks';
import {
  IconBell,
  IconBellOff,
  IconBook2,
  IconChevronDown,
  IconLock,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSelector,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useChildMatches, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useId, useRef, useState } from 'react';
import { api } from '@/api/client';
import { useInbox } from '@/api/inbox';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import { Logo } from '@/components/logo';
import { notifyProblem } from '@/components/notify';
import { Page } from '@/components/page';
import { EmptyState } from '@/components/states';
import { zoneName } from '@/lib/time';
import { ClockBanner } from './clock-banner';
import { useDesktopAlerts } from './desktop-alerts';
import { InboxWatch } from './inbox-watch';
import { LiveSign, LiveUpdates } from './live-updates';
import { OrganizationItems } from './organization-items';
import { type Badge, closedTo, firstPageFor, isAt, sectionsFor } from './sections';
import classes from './shell.module.css';
import { TeamWatch } from './team-watch';

const loadPalette = () => import('./palette');
const Palette = lazy(() => loadPalette().then((m) => ({ default: m.Palette })));

function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const label = dark ? 'Switch to light colours' : 'Switch to dark colours';
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="transparent"
        size="lg"
        className={classes.tool}
        aria-label={label}
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      >
        {dark ? <IconSun size={19} stroke={1.7} /> : <IconMoon size={19} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
}

type DesktopAlerts = ReturnType<typeof useDesktopAlerts>;

function DesktopAlertsItem({ alerts }: { alerts: DesktopAlerts }) {
  if (alerts.refused) {
    return (
      <Menu.Item leftSection={<IconBellOff size={16} />} disabled>
        Desktop alerts are blocked in this browser
      </Menu.Item>
    );
  }
  if (!alerts.available) return null;
  return (
    <Menu.CheckboxItem
      checked={alerts.on}
      onChange={(on) => void alerts.set(on)}
      rightSection={alerts.on ? <IconBell size={16} aria-hidden /> : <IconBellOff size={16} aria-hidden />}
    >
      Desktop alerts
    </Menu.CheckboxItem>
  );
}

function UserMenu({ alerts }: { alerts: DesktopAlerts }) {
  const me = useMe();
  const [opened, setOpened] = useState(false);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const logout = api.useMutation('post', '/api/admin/auth/logout', {
    onSuccess: async () => {
      await navigate({ to: '/sign-in' });
      queryClient.clear();
    },
    onError: (error) => notifyProblem('Couldn’t sign out', toProblem(error)),
  });
  const name = me.user ? me.user.display_name || me.user.username : 'API key';
  return (
    <Menu position="top-start" width={230} shadow="md" withinPortal opened={opened} onChange={setOpened}>
      <Menu.Target>
        <UnstyledButton className={classes.user} data-testid="user-menu">
          <Avatar size={34} radius="xl" className={classes.avatar} aria-hidden>
            {name.charAt(0).toUpperCase()}
          </Avatar>
          <span className={classes.userText}>
            <span className={classes.userName}>{name}</span>
            <span className={classes.userRole}>{me.user?.role_name ?? 'machine access'}</span>
          </span>
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.organization.name}</Menu.Label>
        {opened && <OrganizationItems />}
        <Menu.Item leftSection={<IconUserCircle size={16} />} onClick={() => void navigate({ to: '/account' })}>
          Your account
        </Menu.Item>
        <DesktopAlertsItem alerts={alerts} />
        <Menu.Item component="a" href="/docs" target="_blank" rel="noreferrer" leftSection={<IconBook2 size={16} />}>
          API docs
          <VisuallyHidden> (opens in a new tab)</VisuallyHidden>
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logout.mutate({})}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const BADGE_WORDS: Record<Badge, (count: number) => string> = {
  waiting: (count) => (count === 1 ? '1 person waits' : `${count} people wait`),
  reviews: (count) => (count === 1 ? '1 to decide' : `${count} to decide`),
  alert: () => 'needs attention',
  team: (count) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  urgent: (count) => (count === 1 ? '1 urgent report' : `${count} urgent reports`),
  paused: (count) => `${count} paused`,
};

function NavBadge({ badge }: { badge: Badge }) {
  const inbox = useInbox();
  const counts = {
    waiting: inbox?.waiting ?? 0,
    reviews: inbox?.open_reviews ?? 0,
    alert: inbox?.ai_alert ? 1 : 0,
    team: inbox?.unread_team_messages ?? 0,
    urgent: inbox?.open_urgent_reports ?? 0,
    paused: inbox?.paused_senders ?? 0,
  };
  const count = counts[badge];
  if (count === 0) return null;
  return (
    <span className={classes.badge} data-testid={`badge-${badge}`}>
      <span aria-hidden="true">{badge === 'alert' ? '!' : count}</span>
      <VisuallyHidden>, {BADGE_WORDS[badge](count)}</VisuallyHidden>
    </span>
  );
}

/** On a phone the navigation is folded away, so its button says that somebody waits. */
function WaitingDot() {
  const waiting = useInbox()?.waiting ?? 0;
  if (waiting === 0) return null;
  return (
    <span className={classes.badge}>
      <span aria-hidden="true">{waiting}</span>
      <VisuallyHidden>{BADGE_WORDS.waiting(waiting)}</VisuallyHidden>
    </span>
  );
}

type NavSection = ReturnType<typeof sectionsFor>[number];

function Links({ section }: { section: NavSection }) {
  return section.links.map(({ to, label, icon: Icon, badge }) => (
    <Link
      key={to}
      to={to}
      className={classes.link}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      activeProps={{ 'data-active': true }}
    >
      <Icon size={19} stroke={1.7} aria-hidden />
      {label}
      {badge && <NavBadge badge={badge} />}
    </Link>
  ));
}

/** Closed until somebody opens it, which this browser remembers; open while one of its pages is on screen. */
function FoldedSection({ section, pathname }: { section: NavSection; pathname: string }) {
  const id = useId();
  const [wanted, setWanted] = useLocalStorage({
    key: 'frontdesk-nav-settings',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const within = section.links.some(({ to }) => isAt(to, pathname));
  const opened = wanted || within;
  return (
    <div className={classes.section}>
      <UnstyledButton
        className={classes.sectionToggle}
        aria-expanded={opened}
        aria-controls={id}
        disabled={within}
        onClick={() => setWanted(!wanted)}
      >
        {section.title}
        <IconChevronDown size={15} aria-hidden />
      </UnstyledButton>
      <Collapse expanded={opened} id={id} transitionDuration={0}>
        <Links section={section} />
      </Collapse>
    </div>
  );
}

/** In place of a page that the role does not open: its requests would only be refused. */
function Closed({ label }: { label: string }) {
  const me = useMe();
  return (
    <Page title={label}>
      {me.user && !me.user.role ? (
        <EmptyState icon={<IconLock size={22} stroke={1.7} />} title="This page is for members">
          You look after {me.organization.name} without belonging to it. Whoever is invited has this page, too.
        </EmptyState>
      ) : (
        <EmptyState icon={<IconLock size={22} stroke={1.7} />} title="Your role doesn’t open this page">
          {me.user?.role_name && `You are ${me.user.role_name} in ${me.organization.name}. `}
          Whoever looks after the staff can change that.
        </EmptyState>
      )}
    </Page>
  );
}

export function Shell() {
  const me = useMe();
  const alerts = useDesktopAlerts();
  const [opened, { toggle, close }] = useDisclosure();
  const pathname = useLocation({ select: (l) => l.pathname });
  // Of the page that is drawn: the address is ahead of it while the next one loads.
  const drawn = useChildMatches({ select: (matches) => matches.at(-1)?.fullPath ?? '/' });
  const closed = closedTo(me, drawn);
  const [searched, setSearched] = useState(false);
  const search = () => {
    close();
    setSearched(true);
    void loadPalette().then((m) => m.openPalette());
  };
  useHotkeys([['mod+K', search]], []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes whenever the page changes.
  useEffect(close, [pathname]);

  // On a low screen the page one is on may lie below the fold of the list.
  const links = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another link.
  useEffect(() => {
    // Newer browsers answer with a promise, which an effect must not return.
    links.current?.querySelector('[data-active]')?.scrollIntoView?.({ block: 'nearest' });
  }, [drawn, opened]);

  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 56, md: 0 } }}
      navbar={{ width: 236, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding={0}
      transitionDuration={0}
    >
      <LiveUpdates />
      <InboxWatch desktopAlerts={alerts.on} />
      <TeamWatch />
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <AppShell.Header hiddenFrom="md" className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Logo size={28} />
          <Group gap="xs" wrap="nowrap">
            <WaitingDot />
            <Burger
              opened={opened}
              onClick={toggle}
              size="sm"
              color="white"
              aria-label="Navigation"
              aria-expanded={opened}
            />
          </Group>
        </Group>
      </AppShell.Header>

      <AppShell.Navbar className={classes.navbar} aria-label="Main" data-opened={opened || undefined}>
        <div className={classes.brand}>
          <Logo size={30} />
          <Burger
            opened
            onClick={close}
            hiddenFrom="md"
            size="sm"
            color="white"
            aria-label="Close navigation"
            className={classes.close}
          />
        </div>
        <div className={classes.organization}>
          <Text fw={600} size="sm" truncate title={me.organization.name}>
            {me.organization.name}
          </Text>
          <Text size="xs" className={classes.zone}>
            {me.organization.timezone.replaceAll('_', ' ')} · {zoneName(me.organization.timezone)}
          </Text>
        </div>
        <UnstyledButton className={classes.search} onClick={search} aria-keyshortcuts="Control+K Meta+K">
          <IconSearch size={17} stroke={1.8} aria-hidden />
          Search
          <kbd>Ctrl K</kbd>
        </UnstyledButton>
        <div ref={links} className={classes.links}>
          {sectionsFor(me).map((section) =>
            section.folded ? (
              <FoldedSection key={section.title} section={section} pathname={pathname} />
            ) : (
              <div key={section.title} className={classes.section}>
                <p className={classes.sectionTitle}>{section.title}</p>
                <Links section={section} />
              </div>
            ),
          )}
        </div>
        <div className={classes.foot}>
          <LiveSign />
          <Divider className={classes.rule} my={8} />
          <Group gap={4} wrap="nowrap">
            <UserMenu alerts={alerts} />
            <ColorSchemeToggle />
          </Group>
        </div>
      </AppShell.Navbar>

      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <ClockBanner />
        {closed?.to === '/' && <Navigate to={firstPageFor(me)} replace />}
        {closed ? closed.to !== '/' && <Closed label={closed.label} /> : <Outlet />}
      </AppShell.Main>
      {searched && (
        <Suspense>
          <Palette />
        </Suspense>
      )}
    </AppShell>
  );
}
