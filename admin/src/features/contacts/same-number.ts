const digits = (text: string): string => text.replace(/\D/g, '');

/** Whether what was typed is the number, however it is written. */
export const sameNumber = (typed: string, number: string): boolean =>
  digits(typed) !== '' && digits(typed) === digits(number);
