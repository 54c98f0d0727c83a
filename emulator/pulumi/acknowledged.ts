import type { ChildProcess } from "node:child_process";

/** What a parent answers to each message that it has taken. */
const taken = "taken";

/**
 * Ties this process to its parent: a parent that was killed records nothing any more, so what is made from then on would be
 * in no state. The process ends with it.
 *
 * @returns a function that sends the parent a message, and resolves when the parent has taken it.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what its parent takes
export function sendToParent<Message>(): (message: Message) => Promise<void> {
  const end = (): void => {
    process.kill(process.pid, "SIGKILL");
  };
  if (process.connected) process.once("disconnect", end);
  else end();
  const waiting: (() => void)[] = [];
  process.on("message", (answer) => {
    if (answer === taken) waiting.shift()?.();
  });
  return (message) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      process.send?.(message);
    });
}

/** Takes what a child sends by {@link sendToParent}. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what its child sends
export function takeFrom<Message>(child: ChildProcess, take: (message: Message) => void): () => void {
  const listen = (message: Message): void => {
    take(message);
    // The channel closes with the child.
    if (child.connected) child.send(taken, () => undefined);
  };
  child.on("message", listen);
  return () => child.off("message", listen);
}
