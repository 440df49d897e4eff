import { Table } from '@mantine/core';
import type { Campaign, CampaignBooks } from '@/api/types';
import { Pill } from '@/components/badges';
import classes from './campaigns.module.css';
import { conditionWords, reasonWords, share, spanWords, winnerWords } from './words';

const figure = (n: number): string => n.toLocaleString('en-US');

/** What recipients did, of those who were texted. */
export function Deeds({ books }: { books: CampaignBooks }) {
  const deeds = [
    ['Replied', books.replied],
    ['Clicked', books.clicked],
    ['Booked', books.booked],
    ['Opted out', books.opted_out],
  ] as const;
  return (
    <dl className={classes.tiles}>
      {deeds.map(([label, n]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd data-testid={`deed-${label}`}>
            {figure(n)}
            <small>{share(n, books.texted)}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Each text of it: to whom, how many, and what became of them. */
export function StepFigures({ campaign, books }: { campaign: Campaign; books: CampaignBooks }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label="Texts, to scroll">
        <Table className={classes.figures} aria-label="Texts" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Text</Table.Th>
              <Table.Th scope="col" ta="right">
                Delivered
              </Table.Th>
              <Table.Th scope="col" ta="right">
                Sent
              </Table.Th>
              <Table.Th scope="col" ta="right">
                Failed
              </Table.Th>
              <Table.Th scope="col" ta="right">
                Segments
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {campaign.steps.map((step) => {
              const found = books.steps.find((one) => one.step === step.position);
              const texts = found?.texts;
              return (
                <Table.Tr key={step.id}>
                  <Table.Th scope="row" fw={500} className={classes.wrap}>
                    {step.position + 1}. {step.template_name ?? 'A template that is gone'}
                    {step.position > 0 && (
                      <span className={classes.example}>
                        {spanWords(step.wait_minutes)} later, to {conditionWords(step.condition)}
                      </span>
                    )}
                  </Table.Th>
                  <Table.Td ta="right">{figure((texts?.delivered ?? 0) + (texts?.read ?? 0))}</Table.Td>
                  <Table.Td ta="right">{figure(texts?.sent ?? 0)}</Table.Td>
                  <Table.Td ta="right">
                    {figure((texts?.failed ?? 0) + (texts?.undelivered ?? 0) + (texts?.canceled ?? 0))}
                  </Table.Td>
                  <Table.Td ta="right">{figure(found?.segments ?? 0)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </section>
      {campaign.steps.length > 1 && (
        <p className={classes.facts}>
          {figure(books.waiting_for_next_step)} wait for a further text.
          {books.stopped.length > 0 &&
            ` Not sent further ones: ${books.stopped.map(({ reason, targets }) => `${reasonWords(reason)} ${figure(targets)}`).join(', ')}.`}
        </p>
      )}
    </>
  );
}

/** The variants of the first text beside each other, with the better one. */
export function VariantFigures({ campaign, books }: { campaign: Campaign; books: CampaignBooks }) {
  const { winner: wish, winner_at } = campaign;
  const winner = campaign.steps[0]?.winner;
  return (
    <>
      {books.variants.length > 1 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        <section className={classes.scroll} tabIndex={0} aria-label="Variants, to scroll">
          <Table className={classes.figures} aria-label="Variants" verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Variant</Table.Th>
                {['Texted', 'Replied', 'Clicked', 'Booked', 'Opted out'].map((label) => (
                  <Table.Th key={label} scope="col" ta="right">
                    {label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {books.variants.map((one) => (
                <Table.Tr key={one.variant}>
                  <Table.Th scope="row" fw={500}>
                    {one.variant} {winner === one.variant && <Pill tone="good">Better</Pill>}
                  </Table.Th>
                  <Table.Td ta="right">{figure(one.texted)}</Table.Td>
                  {([one.replied, one.clicked, one.booked, one.opted_out] as const).map((n, place) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: always the same four
                    <Table.Td key={place} ta="right">
                      {figure(n)} <span className={classes.faint}>{share(n, one.texted)}</span>
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      {wish && (
        <p className={classes.facts}>
          {winner_at
            ? winner
              ? `${winner} brought ${winnerWords(wish.by)}: whoever was left is sent it.`
              : 'Neither was better: each is sent by its weight.'
            : `Tried on ${wish.share}% of the audience; ${spanWords(wish.after_minutes)} after the beginning the rest is sent what brought ${winnerWords(wish.by)}.`}
        </p>
      )}
    </>
  );
}
