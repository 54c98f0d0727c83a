import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import * as z from "zod";
import { EmulatorError } from "../errors";

const ownerSchema = z.object({ processId: z.number(), host: z.string(), since: z.iso.datetime() });

/** Who works on a stack, and since when. */
export type LockOwner = z.infer<typeof ownerSchema>;

/**
 * Claims a stack for one run, across processes.
 *
 * @param file The stack's state file; the lock lies beside it.
 * @returns Gives the stack free again.
 * @throws {EmulatorError} `STACK_LOCKED`, naming owner and age: a lock of a killed run is never lifted automatically,
 *   since a process on another machine cannot be seen from here.
 */
export function lockStack(file: string): () => void {
  const owner: LockOwner = { processId: process.pid, host: hostname(), since: new Date().toISOString() };
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(lockOf(file), JSON.stringify(owner), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw locked(file, error);
  }
  return () => {
    unlockStack(file);
  };
}

/** Lifts a lock of any owner: what `--unlock` does. Without a lock it does nothing. */
export function unlockStack(file: string): void {
  rmSync(lockOf(file), { force: true });
}

function lockOf(file: string): string {
  return `${file}.lock`;
}

function locked(file: string, cause: unknown): EmulatorError {
  const owner = readOwner(file);
  const held = owner === undefined ? "by a process that left no name" : describe(owner);
  return new EmulatorError(
    "STACK_LOCKED",
    `Another run works on this stack: ${file} is locked ${held}. Wait until it has ended.`,
    { cause },
  );
}

function describe({ processId, host, since }: LockOwner): string {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 60_000));
  const state = host === hostname() && !isRunning(processId) ? ", which runs no longer" : "";
  return `by process ${processId} on ${host}${state}, since ${since} (${minutes} min)`;
}

/** Whether this machine has such a process. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // The process of another user may not be signalled, but it exists.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function readOwner(file: string): LockOwner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(readFileSync(lockOf(file), "utf8"))).data;
  } catch {
    return undefined;
  }
}
