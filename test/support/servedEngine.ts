import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineProcesses } from "../../emulator/pulumi/engineProcess";
import {
  emulatedEnvironment,
  writeCaFiles,
  type CaFiles,
  type SignIn,
} from "../../emulator/server/environment";
import { startServer, type RunningServer } from "../../emulator/server/server";
import type { Tenant } from "../../emulator/tenant/tenant";
import { hurriedProcesses } from "./inlineEngine";
import { linkProject } from "./linkProject";

/** A server of emulated Azure, and an engine's process that reaches it. */
export interface ServedEngine {
  /** Of runs whose environment is what {@link environmentOf} gives, and more. */
  readonly processes: Pick<EngineProcesses, "runner">;
  /** A project folder that holds the program by links; what a stack leaves there goes with it. */
  readonly folder: string;
  /** Of a run that signs in to a tenant. */
  environmentOf(tenant: Tenant, signIn: SignIn): Record<string, string>;
  /** For the next stack; this one's tenant is gone. */
  giveBack(): void;
}

type Answer = (request: Request) => Promise<Response>;

interface Kept {
  readonly server: RunningServer;
  readonly caFiles: CaFiles;
  readonly folder: string;
  readonly processes: EngineProcesses;
  readonly current: { answer: Answer };
}

/** They wait for the next stack of this process, which has a tenant of its own: starting them takes two seconds. */
const idle: Kept[] = [];
const folders: string[] = [];
const base = { PATH: process.env["PATH"] };
const gone: Answer = () => Promise.reject(new Error("the stack has been closed"));

/** @param answer Azure's, for the one stack that uses it until it is given back. */
export async function servedEngine(answer: Answer): Promise<ServedEngine> {
  const kept = idle.pop() ?? (await start());
  kept.current.answer = answer;
  let running = 0;
  const closing = new AbortController();
  return {
    processes: {
      runner: (options, onOutput) => {
        const signal = AbortSignal.any([
          closing.signal,
          ...(options.signal === undefined ? [] : [options.signal]),
        ]);
        const run = kept.processes.runner({ ...options, signal }, onOutput);
        return async (order, take) => {
          running += 1;
          const ending = await run(order, take);
          running -= 1;
          return ending;
        };
      },
    },
    folder: kept.folder,
    environmentOf: ({ state: { tenantId, subscriptionId } }, signIn) =>
      emulatedEnvironment({
        proxyUrl: kept.server.proxyUrl,
        caFiles: kept.caFiles,
        base,
        tenantId,
        subscriptionId,
        signIns: [signIn],
        projectDir: kept.folder,
      }),
    giveBack: () => {
      kept.current.answer = gone;
      if (running > 0) {
        // The test has not waited for its run, such as one that took too long: the next one gets another process.
        closing.abort();
        return;
      }
      empty(kept.folder);
      idle.push(kept);
    },
  };
}

async function start(): Promise<Kept> {
  const around = mkdtempSync(join(tmpdir(), "served-engine-"));
  // Vitest ends a process by this signal.
  if (folders.push(around) === 1) process.once("SIGTERM", removeAndEnd);
  const folder = join(around, "project");
  mkdirSync(folder);
  linkProject(folder, ["test"]);
  const current = { answer: gone };
  const server = await startServer((request) => current.answer(request));
  const caFiles = await writeCaFiles(around, server.caPem, base);
  return { server, caFiles, folder, processes: hurriedProcesses(), current };
}

/** Leaves the links to the program alone. */
function empty(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!lstatSync(path).isSymbolicLink()) rmSync(path, { recursive: true });
  }
}

function removeAndEnd(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  process.kill(process.pid, "SIGKILL");
}
