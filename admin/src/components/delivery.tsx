import { Tooltip } from '@mantine/core';
import { IconAlertCircleFilled, IconCheck, IconChecks, IconClock } from '@tabler/icons-react';
import { deliveryText, failureCode, messageStatus, ticksFor } from '@/lib/labels';
import classes from './delivery.module.css';

type Deliverable = { status: string; error_code?: string | null; error_message?: string | null };

/** Clock, one tick, two ticks, or a warning with its code: how far an outgoing text got. */
export function DeliveryTicks({ message, withLabel = true }: { message: Deliverable; withLabel?: boolean }) {
  const ticks = ticksFor(message.status);
  const { label, hint } = messageStatus(message.status);
  const failed = ticks === 'failed';
  return (
    <Tooltip label={failed ? deliveryText(message) : hint || label}>
      <span className={classes.ticks} data-ticks={ticks} data-status={message.status} tabIndex={failed ? 0 : undefined}>
        {ticks === 'waiting' && <IconClock size={13} aria-hidden />}
        {ticks === 'one' && <IconCheck size={14} aria-hidden />}
        {(ticks === 'two' || ticks === 'read') && <IconChecks size={15} aria-hidden />}
        {failed && <IconAlertCircleFilled size={14} aria-hidden />}
        {withLabel && (
          <span>
            {label}
            {failed && message.error_code ? ` (${failureCode(message)})` : ''}
          </span>
        )}
      </span>
    </Tooltip>
  );
}
