/** The usual ways to end a process. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves when the process is interrupted by Ctrl-C or ended in another of the usual ways. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of endingSignals) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
