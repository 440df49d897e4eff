/** The text around the doubtful words, so that they can be marked; null when the text does not hold them. */
export function aroundEvidence(
  words: string,
  evidence: string,
): [before: string, marked: string, after: string] | null {
  if (evidence.trim() === '') return null;
  const exact = words.indexOf(evidence);
  // Lower case keeps the length here: where it does not, the place would be wrong.
  const lower = words.toLowerCase();
  const loose = lower.length === words.length ? lower.indexOf(evidence.toLowerCase()) : -1;
  const start = exact >= 0 ? exact : loose;
  if (start < 0) return null;
  const end = start + evidence.length;
  return [words.slice(0, start), words.slice(start, end), words.slice(end)];
}
