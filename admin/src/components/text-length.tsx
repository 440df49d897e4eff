import { Tooltip } from '@mantine/core';
import { lengthWords } from '@/lib/segments';
import classes from './text-length.module.css';

/** How long a text is, and how many SMS it is charged as; `whole` where it travels another way, in one piece. */
export function TextLength({ text, limit, id, whole }: { text: string; limit: number; id?: string; whole?: boolean }) {
  const length = lengthWords(text, limit, whole);
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
