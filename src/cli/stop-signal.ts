/**
 * Aborts on the first SIGINT or SIGTERM, so that the run ends with a checkpoint and exit code 0; a second one ends the
 * process at once (the newest checkpoint stands).
 */
export function stopOnSignals(onStop: (signal: string) => void): {
  signal: AbortSignal;
  /** Stops as a first signal does; `why` is told. */
  now(why: string): void;
  release(): void;
} {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    onStop(name);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    now(why) {
      if (controller.signal.aborted) return;
      onStop(why);
      controller.abort();
    },
    release() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
