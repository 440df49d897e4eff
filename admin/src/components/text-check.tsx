import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconTypography } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { TextPreview } from '@/api/types';
import { costWords, culpritWords } from '@/lib/text-check';
import classes from './text-check.module.css';

type Channel = 'sms' | 'whatsapp' | 'web' | 'simulator';
type TextCheckProps = { text: string; channel: Channel; media?: boolean; onText: (text: string) => void };

const PAUSE = 350;

function Dear({ preview, usable, onText }: { preview: TextPreview; usable: boolean; onText: (text: string) => void }) {
  const { plain } = preview;
  return (
    <p className={classes.line} data-testid="text-culprit">
      <IconTypography size={15} aria-hidden />
      <span>{culpritWords(preview)}</span>
      {plain && (
        <Button size="compact-xs" variant="light" disabled={!usable} onClick={() => onText(plain.text)}>
          Use plain characters
        </Button>
      )}
    </p>
  );
}

/** What the server says of a text while it is written: which characters make it dear, what it costs, which answers get lost. */
export function TextCheck({ text, channel, media = false, onText }: TextCheckProps) {
  const [settled] = useDebouncedValue(text, PAUSE);
  const { data } = api.useQuery(
    'post',
    '/api/messages/preview',
    { body: { text: settled, channel, media } },
    {
      enabled: settled.trim() !== '' && [...settled].length <= 4800,
      placeholderData: keepPreviousData,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 10_000,
      retry: false,
    },
  );
  if (!data || text.trim() === '') return null;
  const cost = costWords(data);
  const charged = channel !== 'whatsapp' && !media;
  return (
    <div className={classes.check} aria-live="polite">
      {charged && data.segments.culprits.length > 0 && (
        <Dear preview={data} usable={settled === text} onText={onText} />
      )}
      {data.keywords.map((keyword) => (
        <p key={keyword.word} className={classes.line} data-tone="warning" data-testid="text-keyword">
          <IconAlertTriangle size={15} aria-hidden />
          <span>
            <strong>“{keyword.quote}”</strong> {keyword.why} {keyword.suggestion}
          </span>
        </p>
      ))}
      {cost && (
        <p className={classes.line} data-testid="text-cost">
          {cost}
        </p>
      )}
    </div>
  );
}
