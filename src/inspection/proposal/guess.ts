/** A guess, with what it was made from in a user's words. */
export interface Guess<T> {
  readonly value: T;
  readonly why: string;
}
