import type { CampaignBooks } from '@/api/types';
import { partsOf } from './books';
import classes from './campaigns.module.css';

/** Where everybody stands, as one bar, with the figures below it. */
export function ProgressBar({ books, label, big }: { books: CampaignBooks; label: string; big?: boolean }) {
  const parts = partsOf(books).filter((part) => part.n > 0);
  const said = parts.map((part) => `${part.label} ${part.n.toLocaleString('en-US')}`).join(', ');
  return (
    <div className={classes.progress}>
      <div className={classes.bar} data-big={big || undefined} role="img" aria-label={`${label}: ${said || 'nobody'}`}>
        {parts.map((part) => (
          <span key={part.name} data-part={part.name} style={{ flexGrow: part.n }} />
        ))}
      </div>
      <ul className={classes.legend} data-big={big || undefined}>
        {parts.map((part) => (
          <li key={part.name} data-part={part.name} data-testid={`part-${part.name}`}>
            <span className={classes.swatch} aria-hidden="true" />
            {part.label} <b>{part.n.toLocaleString('en-US')}</b>
          </li>
        ))}
        <li className={classes.whole}>of {books.audience.toLocaleString('en-US')}</li>
      </ul>
    </div>
  );
}
