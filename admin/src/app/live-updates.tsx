import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { LiveConnection, setLive, useLive } from '@/api/live';
import { Refresher } from '@/api/refresh';
import { meOptions, useMe } from '@/api/session';
import classes from './shell.module.css';

/** Short interruptions are nobody's business. */
const NOTICED = 5_000;

/** Keeps this tab up to date while somebody is signed in. Draws nothing itself. */
export function LiveUpdates() {
  const client = useQueryClient();
  const me = useMe();
  // Another organization's changes are another stream.
  const whose = `${me.user?.id} ${me.organization.id}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a connection is somebody's, in one organization.
  useEffect(() => {
    const refresher = new Refresher(client);
    const connection = new LiveConnection({
      notes: (notes) => refresher.hear(notes),
      reset: () => refresher.everything(),
      identity: () => void client.invalidateQueries({ queryKey: meOptions.queryKey }),
      state: setLive,
    });
    refresher.start();
    connection.start();
    return () => {
      connection.stop();
      refresher.stop();
    };
  }, [client, whose]);

  return null;
}

/** Says so where what is on screen is looked up every few seconds only. */
export function LiveSign() {
  const off = useLive() !== 'live';
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!off) {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), NOTICED);
    return () => clearTimeout(timer);
  }, [off]);
  return (
    <div role="status" data-testid="live-sign">
      {shown && (
        <p className={classes.liveSign}>
          <IconPlugConnectedX size={15} stroke={1.8} aria-hidden />
          Live updates are off; pages refresh every few seconds.
        </p>
      )}
    </div>
  );
}
