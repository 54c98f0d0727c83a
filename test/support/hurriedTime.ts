/** Variable of a run of the inline engine: how often faster its time passes, so that no one sits out what it waits. */
export const speedVariable = "COPILOT_TOKEN_TEST_SPEED";

const { setTimeout: wait } = globalThis;
const elapsed = performance.now.bind(performance);
const speed = (): number => Number(process.env[speedVariable] ?? 1);

/** Lets the time of this process pass as fast as its environment says at each moment. */
export function hurryTime(): void {
  performance.now = () => elapsed() * speed();
  globalThis.setTimeout = new Proxy(wait, {
    apply: (_wait, _this, [work, milliseconds = 0, ...given]: Parameters<typeof wait>) =>
      // Longer ones are limits, not pauses.
      wait(work, milliseconds > 10_000 ? milliseconds : milliseconds / speed(), ...given),
  });
}
