import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import type { SegmentFilter } from '@/api/types';
import { Person } from '@/components/person';
import classes from './segments.module.css';

const PAUSE = 450;

/** How many contacts a filter means while it is written, and some of them. */
export function LiveCount({ filter, ready }: { filter: SegmentFilter; ready: boolean }) {
  const [settled] = useDebouncedValue(JSON.stringify(filter), PAUSE);
  const asked = JSON.parse(settled) as SegmentFilter;
  const query = api.useQuery(
    'post',
    '/api/segments/count',
    { body: { filter: asked } },
    { enabled: ready, placeholderData: keepPreviousData, staleTime: 10_000, retry: false },
  );
  const { data } = query;
  const number = (n: number) => n.toLocaleString('en');
  return (
    <section className={classes.count} aria-label="How many" data-testid="segment-count">
      <p className={classes.number} aria-live="polite">
        {!ready && 'Finish the conditions to see who is meant.'}
        {ready && query.error && !data && toProblem(query.error).message}
        {ready && !data && !query.error && 'Counting…'}
        {ready && data && (
          <>
            <strong>
              {data.exact ? '' : 'about '}
              {number(data.contacts)}
            </strong>{' '}
            {data.contacts === 1 ? 'contact' : 'contacts'}
          </>
        )}
      </p>
      {ready && data && data.contacts > 0 && (
        <p className={classes.facts}>
          {number(data.opted_in)} opted in · {number(data.pending)} not asked yet · {number(data.opted_out)} opted out,
          who are sent nothing{data.exact ? '' : '. Too many to count while you write: reckoned from a sample.'}
        </p>
      )}
      {ready && data && data.sample.length > 0 && (
        <ul className={classes.sample} aria-label="Some of them">
          {data.sample.map((contact) => (
            <li key={contact.id}>
              <Person person={contact} contactId={contact.id} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
