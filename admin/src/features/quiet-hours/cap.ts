const counted = (count: number, one: string) => (count === 1 ? `1 ${one}` : `${count} ${one}s`);

/** A cap in words: "At most 4 marketing texts in 30 days." */
export const capLabel = ({ texts, days }: { texts: number; days: number }) =>
  texts === 0 ? 'No cap of your own.' : `At most ${counted(texts, 'marketing text')} in ${counted(days, 'day')}.`;

/** What is wrong with a number typed into the form; a field that was emptied holds text. */
export const capProblem = (value: number | string, from: number, to: number) =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
    ? null
    : `A whole number from ${from} to ${to}.`;
