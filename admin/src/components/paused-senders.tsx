import { Alert } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import { useInbox } from '@/api/inbox';
import { useMay } from '@/api/session';
import { AnchorLink } from './links';

/** Nothing leaves from a paused sender: whoever wonders about a queued text finds it said where they look. */
export function PausedSenders() {
  const paused = useInbox()?.paused_senders ?? 0;
  const manages = useMay('senders.manage');
  if (paused === 0) return null;
  return (
    <Alert
      color="brass"
      variant="light"
      icon={<IconPlayerPause />}
      title={paused === 1 ? 'A sender is paused' : `${paused} senders are paused`}
      mb="lg"
      data-testid="paused-senders"
    >
      Texts from {paused === 1 ? 'it' : 'them'} wait until somebody resumes {paused === 1 ? 'it' : 'them'}.{' '}
      {manages ? <AnchorLink to="/senders">See why</AnchorLink> : 'An admin can see why under Senders.'}
    </Alert>
  );
}
