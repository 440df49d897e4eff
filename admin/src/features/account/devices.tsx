import { Badge, Button, Group, Text } from '@mantine/core';
import { IconDevices } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keyset } from '@/api/client';
import { toProblem } from '@/api/problem';
import { Confirm } from '@/components/confirm';
import { notifyDone, notifyProblem } from '@/components/notify';
import { Card } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { EmptyState, ListState, LoadMore } from '@/components/states';
import classes from './account.module.css';
import { deviceName } from './forms';

export function Devices() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [everywhere, setEverywhere] = useState(false);
  const sessions = api.useInfiniteQuery('get', '/api/auth/sessions', { params: { query: { limit: 20 } } }, keyset);
  const devices = sessions.data?.pages.flatMap((page) => page.items) ?? [];
  const end = api.useMutation('delete', '/api/auth/sessions/{id}', {
    onSuccess: () => notifyDone('That device is signed out'),
    onError: (error) => notifyProblem('Couldn’t sign it out', toProblem(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/api/auth/sessions'] }),
  });
  const endAll = api.useMutation('post', '/api/auth/logout-all', {
    onSuccess: async () => {
      await navigate({ to: '/sign-in' });
      client.clear();
    },
    onError: (error) => notifyProblem('Couldn’t sign out everywhere', toProblem(error)),
  });
  return (
    <Card
      title="Where you are signed in"
      flush
      aside={
        <Button variant="default" size="xs" className={classes.whole} onClick={() => setEverywhere(true)}>
          Sign out everywhere
        </Button>
      }
    >
      <ListState
        query={sessions}
        isEmpty={devices.length === 0}
        empty={<EmptyState icon={<IconDevices size={26} />} title="Nowhere" />}
        errorTitle="Your devices didn’t load"
      >
        <ul className={classes.devices} aria-label="Devices">
          {devices.map((device) => (
            <li key={device.id} className={classes.device}>
              <div className={classes.what}>
                <Group gap={8}>
                  <Text fw={600} size="sm">
                    {deviceName(device)}
                  </Text>
                  {device.current && (
                    <Badge size="sm" variant="light">
                      this one
                    </Badge>
                  )}
                </Group>
                <div className={classes.facts}>
                  {device.ip} · seen <RelativeTime real value={device.last_seen_at} /> · signed in{' '}
                  <RelativeTime real value={device.created_at} /> · {device.organization}
                </div>
              </div>
              {!device.current && (
                <Button
                  variant="light"
                  color="red"
                  size="xs"
                  aria-label={`Sign out ${deviceName(device)}`}
                  loading={end.isPending && end.variables.params.path.id === device.id}
                  onClick={() => end.mutate({ params: { path: { id: device.id } } })}
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
        <LoadMore query={sessions} />
      </ListState>
      <Confirm
        opened={everywhere}
        title="Sign out everywhere?"
        confirmLabel="Sign out everywhere"
        keepLabel="Stay signed in"
        busy={endAll.isPending}
        onConfirm={() => endAll.mutate({})}
        onClose={() => setEverywhere(false)}
      >
        Every browser and program is signed out, this one too.
      </Confirm>
    </Card>
  );
}
