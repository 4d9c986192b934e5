import { setTimeout as sleep } from 'node:timers/promises';

/** Long enough for a broker that is there; the whole process has five seconds to stop in. */
const CLOSE_WITHIN_MS = 1_500;

/** Waits for a connection to be closed, but not for a broker that is away: nothing depends on its answer. */
export async function withPatience(closing: Promise<unknown>): Promise<void> {
  await Promise.race([
    closing.catch(() => {}), // closed is closed
    sleep(CLOSE_WITHIN_MS, undefined, { ref: false }),
  ]);
}
