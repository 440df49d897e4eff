import { Progress, Text } from '@mantine/core';
import type { Turn } from '@/api/types';
import { conversationState, humanize } from '@/lib/labels';
import { ConversationStateBadge } from './badges';
import classes from './turn.module.css';

const percent = (confidence: number) => Math.round(confidence * 100);

/** How one turn was understood and what came of it. */
export function TurnDetails({ turn }: { turn: Turn }) {
  return (
    <div className={classes.turn}>
      <Text size="sm" className={classes.explanation}>
        {turn.explanation}
      </Text>
      <dl className={classes.facts}>
        <div>
          <dt>Understood as</dt>
          <dd>{humanize(turn.intent)}</dd>
        </div>
        <div>
          <dt>Confidence</dt>
          <dd className={classes.confidence}>
            <Progress
              value={percent(turn.confidence)}
              size={6}
              w={64}
              color={turn.confidence < 0.5 ? 'brass.5' : 'petrol.5'}
              aria-label="Confidence"
            />
            {percent(turn.confidence)} %
          </dd>
        </div>
        <div>
          <dt>Action</dt>
          <dd>{humanize(turn.action)}</dd>
        </div>
        <div>
          <dt>Agent</dt>
          <dd>{humanize(turn.agent)}</dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>{turn.duration_ms} ms</dd>
        </div>
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
