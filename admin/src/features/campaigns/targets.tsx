import { Group, Select } from '@mantine/core';
import { IconMessages, IconUsers } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api, keyset } from '@/api/client';
import { useMay, useZone } from '@/api/session';
import type { Campaign, CampaignBooks, CampaignTarget } from '@/api/types';
import { DeliveryTicks } from '@/components/delivery';
import { ActionIconLink, AnchorLink } from '@/components/links';
import { Card } from '@/components/page';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import { formatPhone, personName } from '@/lib/phone';
import { formatDateTime } from '@/lib/time';
import { isMoving, reasonsOf } from './books';
import classes from './campaigns.module.css';
import { TARGET_STATES } from './search';
import { reasonWords, waitingWords } from './words';

const route = getRouteApi('/app/campaigns/$campaignId');

const STATES: Record<CampaignTarget['state'], string> = {
  waiting: 'Waiting',
  sent: 'Texted',
  skipped: 'Not texted',
  stopped: 'Texted, no further one',
};

function standing(target: CampaignTarget, zone: string): string {
  const { state, reason, due_at, last_sent_at, step } = target;
  switch (state) {
    case 'waiting': {
      const what = step > 0 ? `for text ${step + 1}, ` : '';
      // Whose time has come waits for those before them.
      const until = reason || step > 0 ? `, until ${formatDateTime(due_at, zone)}` : '';
      return `Waits ${what}for ${waitingWords(reason ?? '')}${until}`;
    }
    case 'sent':
      return last_sent_at ? `Texted ${formatDateTime(last_sent_at, zone)}` : 'Texted';
    case 'skipped':
      return `Not texted: ${reasonWords(reason ?? '')}`;
    default:
      return `No further text: ${reasonWords(reason ?? '')}`;
  }
}

function deedsOf(target: CampaignTarget): string {
  const deeds = [
    target.replied_at && 'replied',
    target.clicked_at && 'clicked',
    target.booked_at && 'booked',
    target.opted_out_at && 'opted out',
  ];
  return deeds.filter(Boolean).join(', ');
}

function Target({ target }: { target: CampaignTarget }) {
  const zone = useZone();
  const [contacts, conversations] = [useMay('contacts.read'), useMay('conversations.read')];
  const name = personName(target);
  const number = formatPhone(target.phone_number);
  const facts = [name !== number && number, target.variant && `variant ${target.variant}`, deedsOf(target)];
  const status = target.message_status;
  return (
    <li className={classes.target} data-testid="target" data-state={target.state}>
      <div>
        <p>
          {contacts ? (
            <AnchorLink to="/contacts/$contactId" params={{ contactId: target.contact_id }} inherit>
              {name}
            </AnchorLink>
          ) : (
            name
          )}
        </p>
        {facts.some(Boolean) && <p className={classes.also}>{facts.filter(Boolean).join(' · ')}</p>}
      </div>
      <div>
        <p>{standing(target, zone)}</p>
        {status && (
          <p className={classes.also}>
            <DeliveryTicks message={{ status }} />
            {target.message_error && ` ${target.message_error}`}
          </p>
        )}
      </div>
      {conversations && target.message_id ? (
        <ActionIconLink
          to="/conversations"
          search={{ q: target.phone_number }}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`Conversation with ${name}`}
        >
          <IconMessages size={18} stroke={1.7} />
        </ActionIconLink>
      ) : (
        <span />
      )}
    </li>
  );
}

/** The recipients, each with where they stand. */
export function Targets({ campaign, books }: { campaign: Campaign; books: CampaignBooks }) {
  const { targets: state, reason } = route.useSearch();
  const navigate = route.useNavigate();
  const moving = isMoving(campaign);
  const query = api.useInfiniteQuery(
    'get',
    '/api/campaigns/{id}/targets',
    { params: { path: { id: campaign.id }, query: { state, reason, limit: 50 } } },
    {
      ...keyset,
      placeholderData: keepPreviousData,
      // Everything that is loaded is asked for again, so the more there is the less often.
      refetchInterval: ({ state: { data } }) => (moving ? 5_000 * Math.max(1, data?.pages.length ?? 1) : 30_000),
    },
  );
  const { refetch } = query;
  // Once more when nothing moves any more: the figures above are ahead of the last look.
  useEffect(() => {
    if (!moving) void refetch();
  }, [moving, refetch]);
  const targets = query.data?.pages.flatMap((page) => page.items) ?? [];
  const filter = (search: { targets?: (typeof TARGET_STATES)[number]; reason?: string }) =>
    void navigate({ search: (old) => ({ ...old, ...search }), replace: true, resetScroll: false });
  const reasons = reasonsOf(books);
  const choices = reason && !reasons.includes(reason) ? [...reasons, reason] : reasons;
  return (
    <Card
      title="Recipients"
      flush
      aside={
        <Group gap="sm">
          <Select
            aria-label="State"
            placeholder="Any state"
            clearable
            w={180}
            data={TARGET_STATES.map((value) => ({ value, label: STATES[value] }))}
            value={state ?? null}
            onChange={(value) => filter({ targets: TARGET_STATES.find((one) => one === value) })}
          />
          <Select
            aria-label="Reason"
            placeholder="Any reason"
            clearable
            w={220}
            disabled={choices.length === 0}
            data={choices.map((value) => ({ value, label: reasonWords(value) }))}
            value={reason ?? null}
            onChange={(value) => filter({ reason: value ?? undefined })}
          />
        </Group>
      }
    >
      <ListState
        query={query}
        isEmpty={targets.length === 0}
        empty={
          <EmptyState
            icon={<IconUsers size={24} stroke={1.7} />}
            title={state || reason ? 'Nobody matches' : 'Nobody yet'}
          >
            {state || reason ? 'Try another state or reason.' : 'Recipients are noted down when it begins.'}
          </EmptyState>
        }
      >
        <ul className={classes.list} aria-label="Recipients">
          {targets.map((target) => (
            <Target key={target.contact_id} target={target} />
          ))}
        </ul>
        <LoadMore query={query} />
      </ListState>
    </Card>
  );
}
