import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** One whole process, measured from outside. */
export interface Measured {
  readonly seconds: number;
  /** Of the Node processes among it and its children. */
  readonly processorSeconds: number;
  /** Peak memory of the largest Node process among it and its children. */
  readonly peakMegabytes: number;
}

export interface Subject {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What several runs came to. */
export interface Summary {
  readonly name: string;
  readonly medianSeconds: number;
  /** Also the median; it hardly depends on what else the machine does. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

/**
 * Runs the subjects in turn, A B C A B C, after one round that is not counted: what slows the machine down for a
 * while slows all of them.
 */
export async function measureInTurn(subjects: readonly Subject[], rounds: number): Promise<Summary[]> {
  const runs = subjects.map((): Measured[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, subject] of subjects.entries()) {
      const measured = await measure(subject);
      if (round > 0) runs[index]?.push(measured);
    }
  }
  return subjects.map(({ name }, index) => ({
    name,
    medianSeconds: median((runs[index] ?? []).map(({ seconds }) => seconds)),
    processorSeconds: median((runs[index] ?? []).map(({ processorSeconds }) => processorSeconds)),
    peakMegabytes: Math.max(...(runs[index] ?? []).map(({ peakMegabytes }) => peakMegabytes)),
  }));
}

/** @throws {Error} when the process fails: a figure of a failure is no figure. */
async function measure({ name, command, environment }: Subject): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "copilot-token-bench-"));
  const usageFile = join(folder, "usage");
  try {
    const startedAt = performance.now();
    const { exitCode, output } = await run(command, {
      ...(environment ?? process.env),
      NODE_OPTIONS: `--require ${resolve("bench/lib/recordUsage.cjs")}`,
      BENCH_USAGE_FILE: usageFile,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${output}`);
    const processes = (await readFile(usageFile, "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.split(" ").map(Number))
      .map(([kilobytes = Number.NaN, processor = Number.NaN]) => ({ kilobytes, processor }));
    return {
      seconds,
      processorSeconds: processes.reduce((sum, { processor }) => sum + processor, 0),
      peakMegabytes: Math.max(...processes.map(({ kilobytes }) => kilobytes)) / 1024,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs a program to its end, whatever that is. */
export function run(
  [program, ...programArguments]: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv,
): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(program, programArguments, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      resolvePromise({ exitCode: code ?? 1, output });
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
