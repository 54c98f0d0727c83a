/** The usual ways to end a process. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Resolves when somebody presses Ctrl-C or ends the process in another of the usual ways. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of endingSignals) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}
