import { Button, Group, TextInput } from '@mantine/core';
import { IconPhone, IconUserPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useReducer, useRef, useState } from 'react';
import { api } from '@/api/client';
import { useAhead } from '@/api/clock';
import { toProblem } from '@/api/problem';
import { useMe } from '@/api/session';
import { Page } from '@/components/page';
import { ErrorState } from '@/components/states';
import { fictitiousNumber, formatPhone, parsePhone } from '@/lib/phone';
import { awaitsReply } from '@/lib/thread';
import { outbox, visibleDrafts } from './outbox';
import { Panel } from './panel';
import { Phone } from './phone';
import { DEFAULT_NUMBER } from './search';
import classes from './simulator.module.css';
import { TimeMachine } from './time-machine';
import { useSimulation } from './use-simulation';

const route = getRouteApi('/app/simulator');

function NumberField({ from, onChange }: { from: string; onChange: (number: string) => void }) {
  const [text, setText] = useState(() => formatPhone(from));
  const [error, setError] = useState<string | null>(null);
  const commit = () => {
    const number = parsePhone(text);
    if (!number) {
      setError('Enter a number like +1 415 555 0101');
      return;
    }
    setError(null);
    setText(formatPhone(number));
    if (number !== from) onChange(number);
  };
  return (
    <TextInput
      aria-label="Phone number to text from"
      leftSection={<IconPhone size={16} aria-hidden />}
      value={text}
      error={error}
      inputMode="tel"
      autoComplete="off"
      w={196}
      data-testid="simulator-number"
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

export function SimulatorPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const from = search.from ?? DEFAULT_NUMBER;
  const { organization } = useMe();
  const simulation = useSimulation(from);
  const [drafts, dispatch] = useReducer(outbox, []);
  const [clock, setClock] = useState(() => Date.now());
  const ahead = useAhead();
  const { messages, turns, conversation } = simulation;

  const draftCount = useRef(0);
  const send = api.useMutation('post', '/api/simulator/messages');

  useEffect(() => dispatch({ type: 'arrived', ids: new Set(messages.map((m) => m.id)) }), [messages]);

  // The typing dots give up after a while, so time has to pass while they show.
  const own = visibleDrafts(drafts, from, messages);
  const botAnswers = conversation?.mode !== 'human';
  const sending = own.some((d) => d.error === null);
  const typing = sending || awaitsReply(messages, turns, { botAnswers, now: clock + ahead });
  useEffect(() => {
    setClock(Date.now());
    if (!typing) return undefined;
    const timer = setInterval(() => setClock(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [typing]);

  const sendText = (body: string) => {
    draftCount.current += 1;
    const key = `draft-${draftCount.current}`;
    setClock(Date.now());
    dispatch({ type: 'send', draft: { key, from, body, createdAt: new Date(Date.now() + ahead).toISOString() } });
    send.mutate(
      { body: { from, body } },
      {
        onSuccess: (message) => {
          dispatch({ type: 'accepted', key, messageId: message.id });
          void client.invalidateQueries({ queryKey: ['get', '/api/contacts'] });
          void client.invalidateQueries({ queryKey: ['get', '/api/messages'] });
        },
        onError: (error) => {
          const problem = toProblem(error);
          dispatch({
            type: 'refused',
            key,
            error: problem.field('from') ?? problem.field('body') ?? problem.message,
          });
        },
      },
    );
  };

  const choose = (number: string) => void navigate({ search: { from: number } });

  return (
    <Page
      wide
      title="Simulator"
      description={`Text ${organization.name} as a customer would, and see what it understands. No phone or carrier involved.`}
      actions={
        <Group gap={10} align="flex-start" wrap="nowrap">
          <NumberField key={from} from={from} onChange={choose} />
          <Button
            variant="default"
            leftSection={<IconUserPlus size={17} stroke={1.8} />}
            data-testid="simulator-new-person"
            onClick={() => choose(fictitiousNumber())}
          >
            New person
          </Button>
        </Group>
      }
    >
      {simulation.error ? (
        <ErrorState error={simulation.error} onRetry={simulation.retry} title="The live view stopped" />
      ) : null}
      <div className={classes.stage}>
        <Phone
          key={from}
          from={from}
          businessName={organization.name}
          simulation={simulation}
          drafts={own}
          typing={typing}
          onSend={sendText}
          onRetry={(draft) => {
            dispatch({ type: 'drop', key: draft.key });
            sendText(draft.body);
          }}
        />
        <Panel from={from} simulation={simulation} />
      </div>
      <TimeMachine contact={simulation.contact} messages={simulation.messages} />
    </Page>
  );
}
