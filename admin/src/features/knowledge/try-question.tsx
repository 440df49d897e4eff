import { Button, Progress, Text, TextInput } from '@mantine/core';
import { IconMessageQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import type { KnowledgeEntry } from '@/api/types';
import { Pill } from '@/components/badges';
import { Card } from '@/components/page';
import { percentOf } from '@/lib/turn';
import classes from './knowledge.module.css';

/** Asks as a contact would, and shows which entry would answer. Nothing is sent. */
export function TryQuestion({ entries }: { entries: KnowledgeEntry[] }) {
  const [text, setText] = useState('');
  const match = api.useMutation('post', '/api/knowledge/match');
  const problem = match.error ? toProblem(match.error) : null;
  const found = match.data?.entries ?? [];
  const winner = found.find((e) => e.answers);
  const answer = entries.find((e) => e.id === winner?.id)?.answer_en;
  return (
    <Card title="Try a question" className={classes.try}>
      <Text size="sm" c="dimmed" mb="sm">
        Ask as a contact would. Nothing is sent.
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) match.mutate({ body: { text: text.trim() } });
        }}
      >
        <TextInput
          aria-label="Question"
          placeholder="are you open on sunday?"
          value={text}
          maxLength={1600}
          error={problem && (problem.field('text') ?? problem.message)}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="light"
          fullWidth
          mt="xs"
          leftSection={<IconMessageQuestion size={17} />}
          loading={match.isPending}
          disabled={!text.trim()}
        >
          See what would be answered
        </Button>
      </form>
      <div aria-live="polite">
        {match.data && (
          <>
            <Text size="sm" fw={600} mt="md" data-testid="match-verdict">
              {winner ? `“${winner.title}” would answer` : 'None of the entries would answer'}
            </Text>
            {answer && <p className={classes.sent}>{answer}</p>}
            {!winner && (
              <Text size="sm" c="dimmed">
                Add an entry for it, or a keyword to the one that should have caught it.
              </Text>
            )}
            {found.length > 0 && (
              <ul className={classes.matches} aria-label="How well each entry fits">
                {found.map((e) => (
                  <li key={e.id} data-testid="match">
                    <span className={classes.matchTitle}>
                      {e.title} {e.answers && <Pill tone="good">Answers</Pill>}
                    </span>
                    <Progress
                      value={percentOf(e.score)}
                      size={6}
                      color={e.answers ? 'green.5' : 'gray.5'}
                      aria-label={`Fit of ${e.title}`}
                    />
                    <span className={classes.matchScore}>{percentOf(e.score)} %</span>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </div>
    </Card>
  );
}
