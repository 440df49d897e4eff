import { Alert, Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArchive, IconArchiveOff, IconArrowLeft, IconDeviceMobileMessage, IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api, keyset } from '@/api/client';
import { contactsChanged } from '@/api/invalidate';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { Contact } from '@/api/types';
import { AppointmentList } from '@/components/appointments';
import { OptInBadge, Pill } from '@/components/badges';
import { AnchorLink, ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { PersonAvatar, PhoneNumber } from '@/components/person';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ErrorState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { Thread } from '@/components/thread';
import { lifecycleStage } from '@/lib/labels';
import { personName } from '@/lib/phone';
import { formatDateTime } from '@/lib/time';
import { Consent } from './consent';
import { ContactDrawer } from './contact-drawer';
import classes from './contacts.module.css';
import { MergedInto, OtherNumbers } from './numbers';
import { ContactPrivacy } from './privacy';
import { SendText } from './send-text';
import { Timeline } from './timeline';
import { UseName } from './use-name';

const route = getRouteApi('/app/contacts/$contactId');

function Facts({ contact }: { contact: Contact }) {
  const zone = useZone();
  return (
    <Card title="Details">
      <div className={classes.identity}>
        <PersonAvatar person={contact} size={52} />
        <div className={classes.tags}>
          <OptInBadge value={contact.opt_in_status} data-testid="opt-in" />
          <Pill tone="neutral" dot={false}>
            {lifecycleStage(contact.lifecycle_stage).label}
          </Pill>
          {contact.tags.map((tag) => (
            <AnchorLink key={tag} to="/contacts" search={{ tag }} size="sm" aria-label={`Contacts with the tag ${tag}`}>
              #{tag}
            </AnchorLink>
          ))}
        </div>
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>Number</dt>
          <dd>
            <PhoneNumber value={contact.phone_number} />
          </dd>
        </div>
        {contact.profile_name && (
          <div>
            <dt>On WhatsApp</dt>
            <dd>
              {contact.profile_name} {!contact.first_name && !contact.last_name && <UseName contact={contact} />}
            </dd>
          </div>
        )}
        {contact.email && (
          <div>
            <dt>E-mail</dt>
            <dd>{contact.email}</dd>
          </div>
        )}
        <div>
          <dt>Time zone</dt>
          <dd>{contact.timezone?.replaceAll('_', ' ') ?? 'Not known'}</dd>
        </div>
        {contact.postal_code && (
          <div>
            <dt>ZIP or postal code</dt>
            <dd>{contact.postal_code}</dd>
          </div>
        )}
        <div>
          <dt>Last text</dt>
          <dd>{contact.last_message_at ? <RelativeTime value={contact.last_message_at} /> : 'Never'}</dd>
        </div>
        <div>
          <dt>Since</dt>
          <dd>{formatDateTime(contact.created_at, zone)}</dd>
        </div>
        {Object.entries(contact.custom).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {contact.notes && <p className={classes.notes}>{contact.notes}</p>}
    </Card>
  );
}

function Appointments({ contactId }: { contactId: string }) {
  const refetchInterval = usePoll(15_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/appointments',
    { params: { query: { contact_id: contactId, limit: 20 } } },
    { ...keyset, refetchInterval },
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

function Messages({ contact }: { contact: Contact }) {
  const contactId = contact.id;
  const sends = useMay('messages.send');
  const refetchInterval = usePoll(5_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/messages',
    { params: { query: { contact_id: contactId, limit: 50 } } },
    { ...keyset, refetchInterval },
  );
  const messages = query.data?.pages.flatMap((page) => page.items).reverse() ?? [];
  return (
    <Card title="Messages" flush>
      <ListState query={query} isEmpty={messages.length === 0} empty={<EmptyState title="No messages yet" />}>
        <LoadMore query={query} label="Load earlier messages" />
        <Thread messages={messages} />
      </ListState>
      {sends && !contact.archived_at && <SendText contactId={contactId} />}
    </Card>
  );
}

function Actions({ contact }: { contact: Contact }) {
  const client = useQueryClient();
  const writes = useMay('contacts.write');
  const simulates = useMay('simulator.use');
  const [editing, { open, close }] = useDisclosure();
  const archived = Boolean(contact.archived_at);
  const path = archived ? ('/api/contacts/{id}/unarchive' as const) : ('/api/contacts/{id}/archive' as const);
  const archive = api.useMutation('post', path, {
    onSuccess: () => notifyDone(archived ? 'Taken out of the archive' : 'Archived', personName(contact)),
    onError: (error) => notifyProblem('Couldn’t change the archive', toProblem(error)),
    onSettled: () => contactsChanged(client),
  });
  return (
    <Group gap="sm">
      {simulates && (
        <ButtonLink
          to="/simulator"
          search={{ from: contact.phone_number }}
          variant="default"
          leftSection={<IconDeviceMobileMessage size={17} stroke={1.8} />}
        >
          Text as this person
        </ButtonLink>
      )}
      {writes && (
        <>
          <Button
            variant="default"
            leftSection={archived ? <IconArchiveOff size={17} /> : <IconArchive size={17} />}
            loading={archive.isPending}
            onClick={() => archive.mutate({ params: { path: { id: contact.id } } })}
          >
            {archived ? 'Unarchive' : 'Archive'}
          </Button>
          <Button leftSection={<IconPencil size={17} />} onClick={open}>
            Edit
          </Button>
          <ContactDrawer opened={editing} contact={contact} onClose={close} />
        </>
      )}
    </Group>
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
      actions={contact.merged_into ? undefined : <Actions contact={contact} />}
    >
      {contact.merged_into && <MergedInto contactId={contact.merged_into} />}
      {contact.archived_at && !contact.merged_into && (
        <Alert color="gray" variant="light" mb="md">
          Archived: out of the lists. Their next text brings them back.
        </Alert>
      )}
      <div className={classes.columns}>
        <Messages contact={contact} />
        <div className={classes.side}>
          <Facts contact={contact} />
          <OtherNumbers contact={contact} />
          <Consent contactId={contactId} />
          <Appointments contactId={contactId} />
          <Timeline contactId={contactId} />
          {!contact.merged_into && <ContactPrivacy contact={contact} />}
        </div>
      </div>
    </Page>
  );
}
