import type { StateValue } from '../core/index.js';

/** State that can go back to a mark, and forward again, at the cost of what has changed in between. */
export interface Rewindable {
  /** What is now is what `rewind` goes back to. */
  mark(): void;
  /** Back to the mark, which stays. `keep`: what is left can be returned to until `settle`. */
  rewind(keep: boolean): void;
  /** There is no way to what the last rewind left. */
  settle(): void;
  /** Returns to what the last rewind kept, with the mark as it was; everything since is undone. */
  resume(): void;
  /** The way back, and forward where there is one; nothing of what is now. */
  snapshotMark(): StateValue;
  /** After `restore` of what was then now; null marks that itself. */
  restoreMark(state: StateValue): void;
}
