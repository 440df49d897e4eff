import { Alert } from '@mantine/core';
import type { CampaignBooks } from '@/api/types';
import { addsUp, chaptersOf } from './books';
import classes from './campaigns.module.css';

const figure = (n: number): string => n.toLocaleString('en-US');

/** Where everybody stands and why, line by line, down to the audience. */
export function BooksTable({ books }: { books: CampaignBooks }) {
  return (
    <>
      {!addsUp(books) && (
        <Alert color="red" mb="md" role="alert" title="The books do not add up">
          That is a fault of Frontdesk. Please tell whoever runs it.
        </Alert>
      )}
      <table className={classes.books} aria-label="Where everybody stands" data-testid="books">
        {chaptersOf(books).map((chapter) => (
          <tbody key={chapter.name}>
            <tr className={classes.chapter}>
              <th scope="rowgroup">{chapter.name}</th>
              <td data-testid={`books-${chapter.name}`}>{figure(chapter.n)}</td>
            </tr>
            {chapter.lines.map((line) => (
              <tr key={line.key} className={line.of ? classes.part : classes.line}>
                <th scope="row">
                  {line.label} {line.code && <span className={classes.code}>{line.code}</span>}
                </th>
                <td>{figure(line.n)}</td>
              </tr>
            ))}
          </tbody>
        ))}
        <tfoot>
          <tr className={classes.sum}>
            <th scope="row">= audience</th>
            <td data-testid="books-audience">{figure(books.audience)}</td>
          </tr>
        </tfoot>
      </table>
    </>
  );
}
