import { InvalidArgumentError } from 'commander';

/** Parser of an option that takes a whole number. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least) throw new InvalidArgumentError(`A whole number from ${least} on.`);
    return value;
  };
}
