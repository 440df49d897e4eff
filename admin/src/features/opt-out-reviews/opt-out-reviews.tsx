import { Button, SegmentedControl, Text, Textarea, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMessageCircleOff, IconMessages } from '@tabler/icons-react';
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { useInbox } from '@/api/inbox';
import { conversationsChanged } from '@/api/invalidate';
import { usePoll } from '@/api/live';
import { toProblem } from '@/api/problem';
import { useMay, useZone } from '@/api/session';
import type { OptOutReview } from '@/api/types';
import { Pill, ReviewStatusBadge } from '@/components/badges';
import { Confirm } from '@/components/confirm';
import { AnchorLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card, Page } from '@/components/page';
import { Person } from '@/components/person';
import { RelativeTime, useNow } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore, SkeletonRows } from '@/components/states';
import { deadline } from '@/lib/deadline';
import { personName } from '@/lib/phone';
import { formatDateTime } from '@/lib/time';
import { aroundEvidence } from './evidence';
import classes from './opt-out-reviews.module.css';

const route = getRouteApi('/app/opt-out-reviews');

type Decision = 'opt_out' | 'keep';

const DECISIONS: Record<Decision, { title: string; text: (who: string) => string; done: string }> = {
  opt_out: {
    title: 'Opt this contact out?',
    text: (who) => `${who} gets no more texts until they ask for them again.`,
    done: 'Opted out',
  },
  keep: {
    title: 'Keep texting this contact?',
    text: (who) => `It was not meant as an opt-out. ${who} gets answers and reminders again.`,
    done: 'Texting kept',
  },
};

function Decide({ review, decision }: { review: OptOutReview; decision: Decision }) {
  const client = useQueryClient();
  const [opened, { open, close }] = useDisclosure();
  const [note, setNote] = useState('');
  const who = personName(review.contact);
  const { title, text, done } = DECISIONS[decision];
  const label = decision === 'opt_out' ? 'Opt out' : 'Keep texting';
  const decide = api.useMutation('post', '/api/opt-out-reviews/{id}/decision', {
    onSuccess: () => {
      close();
      notifyDone(done, who);
    },
    onError: (error) => notifyProblem('Couldn’t record the decision', toProblem(error)),
    onSettled: () => conversationsChanged(client),
  });
  return (
    <>
      <Button
        size="sm"
        variant={decision === 'opt_out' ? 'filled' : 'default'}
        color={decision === 'opt_out' ? 'red' : undefined}
        onClick={open}
      >
        {label}
        <VisuallyHidden>: {who}</VisuallyHidden>
      </Button>
      <Confirm
        opened={opened}
        title={title}
        confirmLabel={label}
        keepLabel="Not yet"
        color={decision === 'opt_out' ? 'red' : 'petrol'}
        busy={decide.isPending}
        onClose={close}
        onConfirm={() =>
          decide.mutate({ params: { path: { id: review.id } }, body: { decision, note: note.trim() || null } })
        }
      >
        {text(who)}
        <Textarea
          label="Note"
          description="Optional. It stays with the decision as its reason."
          mt="md"
          autosize
          minRows={2}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </Confirm>
    </>
  );
}

function Words({ review }: { review: OptOutReview }) {
  const parts = aroundEvidence(review.words, review.evidence);
  return (
    <blockquote className={classes.words}>
      {parts ? (
        <>
          {parts[0]}
          <mark>{parts[1]}</mark>
          {parts[2]}
        </>
      ) : (
        review.words
      )}
    </blockquote>
  );
}

function Due({ review }: { review: OptOutReview }) {
  const zone = useZone();
  const due = deadline(review.due_at, useNow(), zone);
  return (
    <div className={classes.due}>
      <Pill tone={due.tone} data-testid="review-due">
        {due.words.charAt(0).toUpperCase() + due.words.slice(1)}
      </Pill>
      <time dateTime={review.due_at}>{formatDateTime(review.due_at, zone)}</time>
    </div>
  );
}

function Outcome({ review }: { review: OptOutReview }) {
  const zone = useZone();
  return (
    <div className={classes.due}>
      <ReviewStatusBadge value={review.status} data-testid="review-status" />
      {review.decided_at && (
        <span>
          {review.decided_by && `${review.decided_by}, `}
          <time dateTime={review.decided_at}>{formatDateTime(review.decided_at, zone)}</time>
        </span>
      )}
    </div>
  );
}

function Review({ review }: { review: OptOutReview }) {
  const writes = useMay('compliance.write');
  const open = review.status === 'open';
  return (
    <li className={classes.review} data-testid="review" data-status={review.status}>
      <div className={classes.top}>
        <Person person={review.contact} contactId={review.contact_id} />
        {open ? <Due review={review} /> : <Outcome review={review} />}
      </div>
      <Words review={review} />
      {review.note && (
        <Text size="sm" mt={8}>
          <Text span c="dimmed">
            Note:{' '}
          </Text>
          {review.note}
        </Text>
      )}
      <div className={classes.foot}>
        <span className={classes.facts}>
          Came in <RelativeTime value={review.opened_at} />
          {' · '}
          <AnchorLink to="/conversations" search={{ id: review.conversation_id }} size="sm">
            <IconMessages size={14} aria-hidden className={classes.icon} /> See the conversation
          </AnchorLink>
        </span>
        {open && writes && (
          <div className={classes.buttons}>
            <Decide review={review} decision="keep" />
            <Decide review={review} decision="opt_out" />
          </div>
        )}
      </div>
    </li>
  );
}

export function OptOutReviewsPage() {
  const { status } = route.useSearch();
  const navigate = route.useNavigate();
  const inbox = useInbox();
  const writes = useMay('compliance.write');
  const decided = status === 'decided';
  const refetchInterval = usePoll(10_000);
  const query = api.useInfiniteQuery(
    'get',
    '/api/opt-out-reviews',
    { params: { query: { status: status ?? 'open', limit: 50 } } },
    { ...keyset, placeholderData: keepPreviousData, refetchInterval },
  );
  const reviews = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Opt-out reviews"
      description="Texts that may mean “stop texting me”. A person decides; until then nothing is sent to the contact."
      actions={
        <SegmentedControl
          aria-label="Which reviews"
          value={status ?? 'open'}
          data={[
            { value: 'open', label: inbox?.open_reviews ? `Open (${inbox.open_reviews})` : 'Open' },
            { value: 'decided', label: 'Decided' },
          ]}
          onChange={(value) =>
            void navigate({ search: { status: value === 'decided' ? 'decided' : undefined }, replace: true })
          }
        />
      }
    >
      {!decided && reviews.length > 0 && (
        <p className={classes.rule}>
          US rules give 10 business days to honour an opt-out. Whatever is undecided when its time is up becomes one.
          {!writes && ' Your role may read these but not decide them.'}
        </p>
      )}
      <Card flush>
        <ListState
          query={query}
          isEmpty={reviews.length === 0}
          skeleton={<SkeletonRows rows={3} height={120} />}
          empty={
            decided ? (
              <EmptyState icon={<IconMessageCircleOff size={24} stroke={1.7} />} title="Nothing decided yet">
                Decisions stay here, with who made them and why.
              </EmptyState>
            ) : (
              <EmptyState icon={<IconMessageCircleOff size={24} stroke={1.7} />} title="Nothing to decide">
                A clear STOP is honoured at once. Only doubtful words, such as “go away”, come here.
              </EmptyState>
            )
          }
        >
          <ul className={classes.list} aria-label={decided ? 'Decided reviews' : 'Open reviews'}>
            {reviews.map((review) => (
              <Review key={review.id} review={review} />
            ))}
          </ul>
          <LoadMore query={query} />
        </ListState>
      </Card>
    </Page>
  );
}
