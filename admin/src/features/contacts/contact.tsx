import { IconArrowLeft, IconDeviceMobileMessage } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { useZone } from '@/api/session';
import type { Contact } from '@/api/types';
import { AppointmentList } from '@/components/appointments';
import { OptInBadge } from '@/components/badges';
import { AnchorLink, ButtonLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { PersonAvatar, PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { Thread } from '@/components/thread';
import { personName } from '@/lib/phone';
import { formatDateTime } from '@/lib/time';
import classes from './contacts.module.css';

const route = getRouteApi('/app/contacts/$contactId');

function Facts({ contact }: { contact: Contact }) {
  const zone = useZone();
  return (
    <Card title="Details">
      <div className={classes.identity}>
        <PersonAvatar person={contact} size={52} />
        <OptInBadge value={contact.opt_in_status} />
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>Number</dt>
          <dd>
            <PhoneNumber value={contact.phone_number} />
          </dd>
        </div>
        <div>
          <dt>Time zone</dt>
          <dd>{contact.timezone?.replaceAll('_', ' ') ?? 'Not known'}</dd>
        </div>
        <div>
          <dt>Last text</dt>
          <dd>{contact.last_message_at ? <RelativeTime value={contact.last_message_at} /> : 'Never'}</dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>{formatDateTime(contact.created_at, zone)}</dd>
        </div>
      </dl>
    </Card>
  );
}

function Appointments({ contactId }: { contactId: string }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/appointments',
    { params: { query: { contact_id: contactId, limit: 20 } } },
    { ...keyset, refetchInterval: 15_000 },
  );
  const appointments = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title="Appointments" flush>
      <ListState
        query={query}
        isEmpty={appointments.length === 0}
        skeleton={<SkeletonRows rows={2} />}
        empty={<EmptyState title="No appointments" />}
      >
        <AppointmentList appointments={appointments} label="Appointments" withCancel />
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}

function Messages({ contactId }: { contactId: string }) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/messages',
    { params: { query: { contact_id: contactId, limit: 50 } } },
    { ...keyset, refetchInterval: 5_000 },
  );
  const messages = query.data?.pages.flatMap((page) => page.items).reverse() ?? [];
  return (
    <Card title="Messages" flush>
      <ListState query={query} isEmpty={messages.length === 0} empty={<EmptyState title="No messages yet" />}>
        <LoadMore query={query} label="Load earlier messages" />
        <Thread messages={messages} />
      </ListState>
    </Card>
  );
}

export function ContactPage() {
  const { contactId } = route.useParams();
  const query = api.useQuery('get', '/api/contacts/{id}', { params: { path: { id: contactId } } });
  const back = (
    <AnchorLink to="/contacts" size="sm" className={classes.back}>
      <IconArrowLeft size={16} aria-hidden /> Contacts
    </AnchorLink>
  );
  if (!query.data) {
    return (
      <Page title="Contact" above={back}>
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => query.refetch()} title="This contact didn’t load" />
        ) : (
          <SkeletonRows />
        )}
      </Page>
    );
  }
  const contact = query.data;
  return (
    <Page
      title={personName(contact)}
      above={back}
      actions={
        <ButtonLink
          to="/simulator"
          search={{ from: contact.phone_number }}
          variant="default"
          leftSection={<IconDeviceMobileMessage size={17} stroke={1.8} />}
        >
          Text as this person
        </ButtonLink>
      }
    >
      <div className={classes.columns}>
        <Messages contactId={contactId} />
        <div className={classes.side}>
          <Facts contact={contact} />
          <Appointments contactId={contactId} />
        </div>
      </div>
    </Page>
  );
}
