import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import { OperatorError } from "../../../infra/core/errors";

const lockSchema = z.object({
  pid: z.number().int(),
  user: z.string(),
  host: z.string(),
  startedAt: z.iso.datetime().transform((text) => new Date(text)),
});

/** Who holds a stack. */
export type Lock = z.infer<typeof lockSchema>;

/**
 * Takes a stack for this process, so that two runs do not write one state.
 *
 * @param file Made by exactly one of those who try.
 * @returns Gives the stack back.
 * @throws {OperatorError} `STACK_LOCKED` naming the owner and its age.
 */
export function takeLock(file: string, stack: string, now: Date): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const lock = {
    pid: process.pid,
    user: userInfo().username,
    host: hostname(),
    startedAt: now.toISOString(),
  };
  try {
    writeFileSync(file, JSON.stringify(lock), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    throw lockedError(file, stack, now);
  }
  return () => {
    rmSync(file, { force: true });
  };
}

/**
 * Lifts a lock that nobody needs any more.
 *
 * @throws {OperatorError} `STACK_LOCKED` while its owner lives.
 */
export function liftLock(file: string, stack: string, now: Date): string {
  const lock = readLock(file);
  if (lock === "none") return `Stack ${stack} was not locked.`;
  if (lock !== "unreadable" && isAlive(lock)) throw lockedError(file, stack, now);
  rmSync(file, { force: true });
  return lock === "unreadable"
    ? `Lifted a lock that could not be read: ${file}.`
    : `Lifted the lock of ${describeLock(lock, now)}.`;
}

/** For people: who, and how old. */
export function describeLock({ pid, user, host, startedAt }: Lock, now: Date): string {
  return `${user}@${host} (pid ${pid}), ${ageOf(startedAt, now)} old`;
}

/** An age in the largest unit that fits, such as `3 minutes`. */
export function ageOf(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? (["second", 1] as const);
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function lockedError(file: string, stack: string, now: Date): OperatorError {
  const lock = readLock(file);
  const owner =
    lock === "none" || lock === "unreadable"
      ? "another run"
      : `${describeLock(lock, now)}, ${isAlive(lock) ? "which is running" : "whose process has ended"}`;
  const repair =
    lock !== "none" && lock !== "unreadable" && isAlive(lock)
      ? "Wait for it to end."
      : "If that run is over: npm run rotate -- --unlock";
  return new OperatorError("STACK_LOCKED", `Stack ${stack} is locked by ${owner} (${file}). ${repair}`);
}

function readLock(file: string): Lock | "none" | "unreadable" {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return "none";
  }
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return "unreadable";
  }
}

/** Of another machine nothing is known, so its owner counts as ended: whoever lifts the lock knows. */
function isAlive({ pid, host }: Lock): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: it is there, only out of reach.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
