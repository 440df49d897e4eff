import { Notifications } from '@mantine/notifications';
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { isUnauthenticated } from '@/api/problem';
import { meOptions } from '@/api/session';
import { Crash, NotFound, PageLoading } from '@/components/states';
import { analyticsSearch } from '@/features/analytics/search';
import { apiKeysSearch } from '@/features/api-keys/search';
import { appointmentsSearch } from '@/features/appointments/search';
import { assistantSearch } from '@/features/assistant/search';
import { auditSearch } from '@/features/audit/search';
import { signInSearch } from '@/features/auth/search';
import { availabilitySearch } from '@/features/availability/search';
import { campaignSearch, campaignsSearch } from '@/features/campaigns/search';
import { contactsSearch } from '@/features/contacts/search';
import { conversationsSearch } from '@/features/conversations/search';
import { jobsSearch } from '@/features/jobs/search';
import { knowledgeSearch } from '@/features/knowledge/search';
import { linksSearch } from '@/features/links/search';
import { optOutReviewsSearch } from '@/features/opt-out-reviews/search';
import { organizationsSearch } from '@/features/organizations/search';
import { reportsSearch } from '@/features/reports/search';
import { segmentsSearch } from '@/features/segments/search';
import { servicesSearch } from '@/features/services/search';
import { simulatorSearch } from '@/features/simulator/search';
import { slotsSearch } from '@/features/slots/search';
import { staffSearch } from '@/features/staff/search';
import { suppressionsSearch } from '@/features/suppressions/search';
import { teamSearch } from '@/features/team/search';
import { templatesSearch } from '@/features/templates/search';
import { webhooksSearch } from '@/features/webhooks/search';
import { createQueryClient } from './query';
import { Shell } from './shell';

/** Notifications stand inside the router, so that they can hold links. */
function Root() {
  return (
    <>
      <Notifications position="top-right" limit={4} />
      <Outlet />
    </>
  );
}

/** A page without the shell, which has the main landmark otherwise. */
function alone<Props extends object>(Page: ComponentType<Props>) {
  return (props: Props) => (
    <main>
      <Page {...props} />
    </main>
  );
}

const withoutShell = { pendingComponent: alone(PageLoading), errorComponent: alone(Crash) };

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  ...withoutShell,
  component: Root,
  notFoundComponent: alone(NotFound),
});

const signIn = createRoute({
  ...withoutShell,
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
}).lazy(() => import('@/features/auth/route').then((m) => m.Route));

const join = createRoute({ ...withoutShell, getParentRoute: () => root, path: '/join/$token' }).lazy(() =>
  import('@/features/join/route').then((m) => m.Route),
);

const app = createRoute({
  ...withoutShell,
  getParentRoute: () => root,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meOptions);
    } catch (error) {
      if (isUnauthenticated(error))
        throw redirect({ to: '/sign-in', search: { return: location.href }, replace: true });
      throw error;
    }
  },
});

const dashboard = createRoute({ getParentRoute: () => app, path: '/' }).lazy(() =>
  import('@/features/dashboard/route').then((m) => m.Route),
);
const analytics = createRoute({
  getParentRoute: () => app,
  path: '/analytics',
  validateSearch: analyticsSearch,
}).lazy(() => import('@/features/analytics/route').then((m) => m.Route));
const simulator = createRoute({
  getParentRoute: () => app,
  path: '/simulator',
  validateSearch: simulatorSearch,
}).lazy(() => import('@/features/simulator/route').then((m) => m.Route));
const slots = createRoute({ getParentRoute: () => app, path: '/slots', validateSearch: slotsSearch }).lazy(() =>
  import('@/features/slots/route').then((m) => m.Route),
);
const services = createRoute({ getParentRoute: () => app, path: '/services', validateSearch: servicesSearch }).lazy(
  () => import('@/features/services/route').then((m) => m.Route),
);
const availability = createRoute({
  getParentRoute: () => app,
  path: '/availability',
  validateSearch: availabilitySearch,
}).lazy(() => import('@/features/availability/route').then((m) => m.Route));
const contacts = createRoute({
  getParentRoute: () => app,
  path: '/contacts',
  validateSearch: contactsSearch,
}).lazy(() => import('@/features/contacts/route').then((m) => m.ListRoute));
const contact = createRoute({ getParentRoute: () => app, path: '/contacts/$contactId' }).lazy(() =>
  import('@/features/contacts/route').then((m) => m.DetailRoute),
);
const duplicates = createRoute({ getParentRoute: () => app, path: '/contacts/duplicates' }).lazy(() =>
  import('@/features/contacts/route').then((m) => m.DuplicatesRoute),
);
const imports = createRoute({ getParentRoute: () => app, path: '/contacts/imports' }).lazy(() =>
  import('@/features/imports/route').then((m) => m.ListRoute),
);
const contactImport = createRoute({ getParentRoute: () => app, path: '/contacts/imports/$importId' }).lazy(() =>
  import('@/features/imports/route').then((m) => m.DetailRoute),
);
const conversations = createRoute({
  getParentRoute: () => app,
  path: '/conversations',
  validateSearch: conversationsSearch,
}).lazy(() => import('@/features/conversations/route').then((m) => m.Route));
const appointments = createRoute({
  getParentRoute: () => app,
  path: '/appointments',
  validateSearch: appointmentsSearch,
}).lazy(() => import('@/features/appointments/route').then((m) => m.Route));
const optOutReviews = createRoute({
  getParentRoute: () => app,
  path: '/opt-out-reviews',
  validateSearch: optOutReviewsSearch,
}).lazy(() => import('@/features/opt-out-reviews/route').then((m) => m.Route));
const disclosures = createRoute({
  getParentRoute: () => app,
  path: '/disclosures',
}).lazy(() => import('@/features/disclosures/route').then((m) => m.Route));

const suppressions = createRoute({
  getParentRoute: () => app,
  path: '/suppressions',
  validateSearch: suppressionsSearch,
}).lazy(() => import('@/features/suppressions/route').then((m) => m.Route));
const quietHours = createRoute({ getParentRoute: () => app, path: '/quiet-hours' }).lazy(() =>
  import('@/features/quiet-hours/route').then((m) => m.Route),
);
const senders = createRoute({ getParentRoute: () => app, path: '/senders' }).lazy(() =>
  import('@/features/senders/route').then((m) => m.ListRoute),
);
const sender = createRoute({ getParentRoute: () => app, path: '/senders/$senderId' }).lazy(() =>
  import('@/features/senders/route').then((m) => m.DetailRoute),
);
const whatsappTemplates = createRoute({ getParentRoute: () => app, path: '/whatsapp-templates' }).lazy(() =>
  import('@/features/whatsapp-templates/route').then((m) => m.Route),
);
const segments = createRoute({
  getParentRoute: () => app,
  path: '/segments',
  validateSearch: segmentsSearch,
}).lazy(() => import('@/features/segments/route').then((m) => m.Route));
const links = createRoute({
  getParentRoute: () => app,
  path: '/links',
  validateSearch: linksSearch,
}).lazy(() => import('@/features/links/route').then((m) => m.Route));
const campaigns = createRoute({
  getParentRoute: () => app,
  path: '/campaigns',
  validateSearch: campaignsSearch,
}).lazy(() => import('@/features/campaigns/route').then((m) => m.ListRoute));
const campaign = createRoute({
  getParentRoute: () => app,
  path: '/campaigns/$campaignId',
  validateSearch: campaignSearch,
}).lazy(() => import('@/features/campaigns/route').then((m) => m.DetailRoute));
const templates = createRoute({
  getParentRoute: () => app,
  path: '/templates',
  validateSearch: templatesSearch,
}).lazy(() => import('@/features/templates/route').then((m) => m.Route));
const knowledge = createRoute({
  getParentRoute: () => app,
  path: '/knowledge',
  validateSearch: knowledgeSearch,
}).lazy(() => import('@/features/knowledge/route').then((m) => m.Route));
const assistant = createRoute({
  getParentRoute: () => app,
  path: '/assistant',
  validateSearch: assistantSearch,
}).lazy(() => import('@/features/assistant/route').then((m) => m.Route));
const team = createRoute({ getParentRoute: () => app, path: '/team', validateSearch: teamSearch }).lazy(() =>
  import('@/features/team/route').then((m) => m.Route),
);
const reports = createRoute({ getParentRoute: () => app, path: '/reports', validateSearch: reportsSearch }).lazy(() =>
  import('@/features/reports/route').then((m) => m.Route),
);
const jobs = createRoute({ getParentRoute: () => app, path: '/jobs', validateSearch: jobsSearch }).lazy(() =>
  import('@/features/jobs/route').then((m) => m.Route),
);

const account = createRoute({ getParentRoute: () => app, path: '/account' }).lazy(() =>
  import('@/features/account/route').then((m) => m.Route),
);
const staff = createRoute({ getParentRoute: () => app, path: '/staff', validateSearch: staffSearch }).lazy(() =>
  import('@/features/staff/route').then((m) => m.Route),
);
const apiKeys = createRoute({ getParentRoute: () => app, path: '/api-keys', validateSearch: apiKeysSearch }).lazy(() =>
  import('@/features/api-keys/route').then((m) => m.Route),
);
const audit = createRoute({ getParentRoute: () => app, path: '/audit', validateSearch: auditSearch }).lazy(() =>
  import('@/features/audit/route').then((m) => m.Route),
);
const organization = createRoute({ getParentRoute: () => app, path: '/organization' }).lazy(() =>
  import('@/features/organization/route').then((m) => m.Route),
);
const organizations = createRoute({
  getParentRoute: () => app,
  path: '/organizations',
  validateSearch: organizationsSearch,
}).lazy(() => import('@/features/organizations/route').then((m) => m.Route));
const webhooks = createRoute({
  getParentRoute: () => app,
  path: '/webhooks',
  validateSearch: webhooksSearch,
}).lazy(() => import('@/features/webhooks/route').then((m) => m.Route));
const privacy = createRoute({ getParentRoute: () => app, path: '/privacy' }).lazy(() =>
  import('@/features/privacy/route').then((m) => m.Route),
);

const routeTree = root.addChildren([
  signIn,
  join,
  app.addChildren([
    dashboard,
    analytics,
    simulator,
    slots,
    services,
    availability,
    contacts,
    contact,
    duplicates,
    imports,
    contactImport,
    conversations,
    optOutReviews,
    disclosures,
    suppressions,
    quietHours,
    senders,
    sender,
    segments,
    links,
    campaigns,
    campaign,
    templates,
    whatsappTemplates,
    team,
    reports,
    appointments,
    knowledge,
    assistant,
    jobs,
    account,
    staff,
    apiKeys,
    audit,
    organization,
    organizations,
    webhooks,
    privacy,
  ]),
]);

/** The router and the query client know each other: a lost session, found by any request, leads to the sign-in page. */
export function createApp() {
  let leaving = false;
  const queryClient = createQueryClient(() => {
    const { location } = router.state;
    // Pages for strangers ask who is there, too.
    if (leaving || location.pathname === '/sign-in' || location.pathname.startsWith('/join/')) return;
    leaving = true;
    // First away, then forget: a page still on screen would ask for everything again.
    void router.navigate({ to: '/sign-in', search: { return: location.href }, replace: true }).finally(() => {
      queryClient.clear();
      leaving = false;
    });
  });
  const router = createRouter({
    routeTree,
    basepath: '/admin',
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: PageLoading,
    defaultErrorComponent: Crash,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
  return { queryClient, router };
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createApp>['router'];
  }
}
