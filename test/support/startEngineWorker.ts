import { fork } from "node:child_process";
import { resolve } from "node:path";
import { takeFrom } from "../../emulator/pulumi/acknowledged";
import type { EngineRunner } from "../../emulator/pulumi/engineProcess";
import type { EngineEvent } from "../../emulator/pulumi/inline";
import type { WorkerReport } from "./engineWorker";
import { bundledFile } from "./inlineEngine";

/** The inline engine's process for one run after the other: each run saves the start and the loading of Pulumi. */
export interface EngineWorker {
  /**
   * @param environment On top of the worker's own, for this run.
   * @param speed How often faster the run's time passes. Default 1.
   */
  runner(
    environment: Readonly<Record<string, string>>,
    onEvent?: (event: EngineEvent) => void,
    speed?: number,
  ): EngineRunner;
  close(): void;
}

/** @param environment Of all runs: it has to point at the emulated Azure. */
export function startEngineWorker(environment: Readonly<Record<string, string>>): EngineWorker {
  const worker = fork(bundledFile("test/support/engineWorker.ts"), [], {
    cwd: resolve("."),
    env: environment,
    // How this process was told to use memory, by vitest.config.mts.
    execArgv: process.execArgv.filter((option) => option.includes("-semi-space-size=")),
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [worker.stdout, worker.stderr]) stream?.setEncoding("utf8").resume();
  return {
    runner:
      (more, onEvent, speed = 1) =>
      async (order, take) => {
        const stops = (["stdout", "stderr"] as const).map((stream) => {
          const listener = (text: string): void => {
            onEvent?.({ kind: "output", stream, text });
          };
          worker[stream]?.on("data", listener);
          return () => worker[stream]?.off("data", listener);
        });
        const ending = await new Promise<string>((resolvePromise) => {
          const ended = (): void => {
            resolvePromise("the worker ended");
          };
          const stop = takeFrom<WorkerReport>(worker, (report) => {
            if (report.kind !== "over") {
              take(report);
              return;
            }
            stop();
            worker.off("close", ended);
            resolvePromise("over");
          });
          worker.once("close", ended);
          worker.send({ order, environment: more, speed });
        });
        for (const stop of stops) stop();
        return ending;
      },
    close: () => worker.kill(),
  };
}
