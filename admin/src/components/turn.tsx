import { Progress, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Turn } from '@/api/types';
import { conversationState, humanize } from '@/lib/labels';
import {
  agentName,
  explanationSentence,
  formatMilliseconds,
  intentName,
  modelFacts,
  modelNote,
  percentOf,
  sourceWords,
} from '@/lib/turn';
import { ConversationStateBadge } from './badges';
import classes from './turn.module.css';

/** How one turn was understood, by whom, and what came of it. */
export function TurnDetails({ turn }: { turn: Turn }) {
  const note = modelNote(turn);
  const confidence = percentOf(turn.confidence);
  return (
    <div>
      <Text size="sm" className={classes.explanation}>
        {explanationSentence(turn.explanation)}
      </Text>
      {note && (
        <p className={classes.modelError}>
          <IconAlertTriangle size={15} aria-hidden />
          <span>{note}</span>
        </p>
      )}
      <dl className={classes.facts}>
        <div>
          <dt>Understood as</dt>
          <dd>{intentName(turn.intent)}</dd>
        </div>
        <div>
          <dt>Confidence</dt>
          <dd className={classes.confidence}>
            <Progress
              value={confidence}
              size={6}
              w={64}
              color={turn.confidence < 0.5 ? 'brass.5' : 'petrol.5'}
              aria-label="Confidence"
            />
            {confidence} %
          </dd>
        </div>
        <div>
          <dt>Understood by</dt>
          <dd data-testid="turn-source">{sourceWords(turn)}</dd>
        </div>
        <div>
          <dt>Agent</dt>
          <dd>{agentName(turn.agent)}</dd>
        </div>
        <div>
          <dt>Action</dt>
          <dd>{humanize(turn.action)}</dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>{formatMilliseconds(turn.duration_ms)}</dd>
        </div>
        {modelFacts(turn).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div className={classes.wide}>
          <dt>State</dt>
          <dd className={classes.states}>
            {turn.state_before === turn.state_after ? (
              <>stays {conversationState(turn.state_after).label}</>
            ) : (
              <>
                {conversationState(turn.state_before).label}
                <span aria-hidden="true"> → </span>
                <span className={classes.hidden}> to </span>
                <ConversationStateBadge value={turn.state_after} />
              </>
            )}
          </dd>
        </div>
      </dl>
    </div>
  );
}
