import { Tooltip } from '@mantine/core';
import { lengthWords } from '@/lib/segments';
import classes from './text-length.module.css';

/** How long a text is, and how many SMS it is charged as. */
export function TextLength({ text, limit, id }: { text: string; limit: number; id?: string }) {
  const length = lengthWords(text, limit);
  return (
    <Tooltip label={length.hint} disabled={!length.hint}>
      <span
        id={id}
        className={classes.length}
        data-over={length.over || undefined}
        data-hint={length.hint !== '' || undefined}
      >
        {length.text}
      </span>
    </Tooltip>
  );
}
