import { Popover, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCircleCheck, IconClockPause, IconHandStop, IconReceipt2 } from '@tabler/icons-react';
import { api } from '@/api/client';
import { useZone } from '@/api/session';
import type { Message, MessageReceipt } from '@/api/types';
import { consentMethod, consentTier, humanize } from '@/lib/labels';
import { handoverLines, lineOf, ruleName } from '@/lib/receipt';
import { formatDateTime } from '@/lib/time';
import classes from './receipt.module.css';
import { ErrorState, PageLoading } from './states';

const ICONS = { send: IconCircleCheck, hold: IconClockPause, refuse: IconHandStop };
const OUTCOMES = { send: 'Allows', hold: 'Holds', refuse: 'Forbids' };

type Decision = MessageReceipt['decisions'][number];

const lowerFirst = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);

function DecisionDetails({ decision }: { decision: Decision }) {
  const zone = useZone();
  const places = decision.places.map(({ zone: name, region }) => {
    const shown = name.replaceAll('_', ' ');
    return region ? `${region} (${shown})` : shown;
  });
  return (
    <li className={classes.decision}>
      <p className={classes.sentence}>{decision.sentence}</p>
      <p className={classes.when}>
        Decided {formatDateTime(decision.decided_at, zone)} · {humanize(decision.purpose)}
      </p>
      <ul className={classes.rules}>
        {decision.rules.map((rule) => {
          const Icon = ICONS[rule.outcome];
          return (
            <li key={`${rule.rule} ${rule.says}`} data-outcome={rule.outcome}>
              <Icon size={15} aria-label={OUTCOMES[rule.outcome]} />
              <span>
                <strong>{ruleName(rule.rule)}</strong> {rule.says}
                {(rule.source || rule.version) && (
                  <span className={classes.source}> {[rule.source, rule.version].filter(Boolean).join(', ')}</span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      {places.length > 0 && (
        <p className={classes.fact}>
          May be in {places.join(', ')}
          {decision.places_from && `, by ${humanize(decision.places_from).toLowerCase()}`}.
        </p>
      )}
      {decision.consent && (
        <p className={classes.fact}>
          Consent: {consentTier(decision.consent.tier).label},{' '}
          {lowerFirst(consentMethod(decision.consent.method).label)}, {formatDateTime(decision.consent.at, zone)}.
        </p>
      )}
    </li>
  );
}

function Details({ message }: { message: Message }) {
  const zone = useZone();
  const query = api.useQuery('get', '/api/messages/{id}/receipt', { params: { path: { id: message.id } } });
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!query.data) return <PageLoading />;
  const { decisions, sentence, held_until: until, deadline_at: deadline } = query.data;
  const outcome = decisions[0]?.sentence === sentence ? null : sentence;
  const waits = message.status === 'queued';
  const facts = [
    waits && until && `Held until ${formatDateTime(until, zone)} on your clock.`,
    waits && deadline && `Not sent after ${formatDateTime(deadline, zone)}.`,
    ...handoverLines(message),
  ].filter((fact) => typeof fact === 'string');
  return (
    <>
      {(outcome || facts.length > 0) && (
        <div className={classes.outcome} data-testid="handover">
          {outcome && <p className={classes.sentence}>{outcome}</p>}
          {facts.map((fact) => (
            <p key={fact}>{fact}</p>
          ))}
        </div>
      )}
      <ol className={classes.decisions} aria-label="Decisions">
        {decisions.map((decision) => (
          <DecisionDetails key={decision.decided_at} decision={decision} />
        ))}
      </ol>
    </>
  );
}

/** Why an outgoing text was sent, waits, or was not sent: a sentence where something stopped it, and every rule on request. */
export function Receipt({ message }: { message: Message }) {
  const [opened, { toggle, close }] = useDisclosure();
  const { text, stopped } = lineOf(message);
  return (
    <Popover
      opened={opened}
      onDismiss={close}
      width="min(420px, calc(100vw - 32px))"
      position="bottom-end"
      middlewares={{ flip: true, shift: true, size: { padding: 8 } }}
      withinPortal
      trapFocus
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.button}
          onClick={toggle}
          aria-label={stopped ? undefined : text}
          data-stopped={stopped || undefined}
          data-testid="decision"
        >
          <IconReceipt2 size={14} aria-hidden className={classes.icon} />
          {stopped && <span>{text}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.body}>{opened && <Details message={message} />}</Popover.Dropdown>
    </Popover>
  );
}
