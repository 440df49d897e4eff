import { Tooltip } from '@mantine/core';
import type { ComponentPropsWithoutRef, Ref } from 'react';
import {
  appointmentStatus,
  campaignState,
  conversationMode,
  conversationState,
  jobState,
  type Label,
  messageStatus,
  optIn,
  reportPriority,
  reportStatus,
  reviewStatus,
  type Tone,
  webhookStatus,
} from '@/lib/labels';
import classes from './badges.module.css';

type PillProps = ComponentPropsWithoutRef<'span'> & { tone: Tone; dot?: boolean; ref?: Ref<HTMLSpanElement> };

export function Pill({ tone, dot = true, className, children, ...rest }: PillProps) {
  return (
    <span className={className ? `${classes.pill} ${className}` : classes.pill} data-tone={tone} {...rest}>
      {dot && <span className={classes.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}

function LabelPill({ label, value, ...rest }: { label: Label; value: string } & ComponentPropsWithoutRef<'span'>) {
  return (
    <Tooltip label={label.hint} disabled={!label.hint}>
      <Pill tone={label.tone} data-state={value} {...rest}>
        {label.label}
      </Pill>
    </Tooltip>
  );
}

type BadgeProps = { value: string } & ComponentPropsWithoutRef<'span'>;

export const ConversationStateBadge = (p: BadgeProps) => <LabelPill label={conversationState(p.value)} {...p} />;
export const MessageStatusBadge = (p: BadgeProps) => <LabelPill label={messageStatus(p.value)} {...p} />;
export const AppointmentStatusBadge = (p: BadgeProps) => <LabelPill label={appointmentStatus(p.value)} {...p} />;
export const CampaignStateBadge = (p: BadgeProps) => <LabelPill label={campaignState(p.value)} {...p} />;
export const OptInBadge = (p: BadgeProps) => <LabelPill label={optIn(p.value)} {...p} />;
export const JobStateBadge = (p: BadgeProps) => <LabelPill label={jobState(p.value)} {...p} />;
export const ModeBadge = (p: BadgeProps) => <LabelPill label={conversationMode(p.value)} {...p} />;
export const ReviewStatusBadge = (p: BadgeProps) => <LabelPill label={reviewStatus(p.value)} {...p} />;
export const ReportStatusBadge = (p: BadgeProps) => <LabelPill label={reportStatus(p.value)} {...p} />;
export const PriorityBadge = (p: BadgeProps) => <LabelPill label={reportPriority(p.value)} {...p} />;
export const WebhookStatusBadge = (p: BadgeProps) => <LabelPill label={webhookStatus(p.value)} {...p} />;
