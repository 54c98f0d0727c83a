import { fork } from "node:child_process";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { takeFrom } from "./acknowledged";
import type { Order, Report } from "./messages";

/** What an engine's process gets: an order, and what its environment is for this order. */
export interface Assignment {
  readonly order: Order;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether the process stays for another order, unless this one's program leaves something behind. */
  readonly stays: boolean;
}

/** The process of a run. */
export interface EngineProcessOptions {
  readonly projectDir: string;
  /** The whole environment of the run. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the run at once, as a kill does. */
  readonly signal?: AbortSignal;
}

/**
 * Carries out an order, hands each report over, and resolves when all is over.
 *
 * @returns How it ended, in words: for an end without an `end` report.
 */
export type EngineRunner = (order: Order, take: (report: Report) => void) => Promise<string>;

export type OutputListener = (stream: "stdout" | "stderr", text: string) => void;

/** Variables that count for one run. Others, such as the CA file, Node.js reads when a process starts. */
const ofOneRun = /^(?:ACTIONS|ARM|AZURE|COPILOT_TOKEN|IDENTITY)_/;

/** Gives the process that this runs in the variables of its next run. */
export function enterEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env).filter((variable) => ofOneRun.test(variable))) {
    Reflect.deleteProperty(process.env, name);
  }
  for (const [name, value] of Object.entries(environment)) {
    if (ofOneRun.test(name) && value !== undefined) process.env[name] = value;
  }
}

/**
 * Processes of the inline engine that stay for the next run, which saves it the loading of Pulumi and the bundling of the
 * program. The program's source has to stay as it is meanwhile. A process ends after an error that the program did not
 * handle: it may have left anything behind.
 */
export class EngineProcesses {
  readonly #entry: string;
  readonly #nodeOptions: readonly string[];
  readonly #idle = new Map<string, EngineProcess>();

  /**
   * @param entry The engine's bundle. Default: `inlineUp.js` beside the running one.
   * @param nodeOptions Of Node.js, for each process.
   */
  constructor(entry = defaultEntry(), nodeOptions: readonly string[] = []) {
    this.#entry = entry;
    this.#nodeOptions = nodeOptions;
  }

  runner(options: EngineProcessOptions, onOutput: OutputListener): EngineRunner {
    const start = startOf(options);
    return async (order, take) => {
      const idle = this.#idle.get(start);
      this.#idle.delete(start);
      const engine =
        idle?.isRunning() === true ? idle : new EngineProcess(this.#entry, options, this.#nodeOptions);
      const ending = await engine.carryOut(order, take, { ...options, onOutput, stays: true });
      if (engine.isRunning()) {
        this.#idle.get(start)?.end();
        this.#idle.set(start, engine);
      }
      return ending;
    };
  }

  /** Ends the processes. A run that is under way goes on. */
  close(): void {
    for (const engine of this.#idle.values()) engine.end();
    this.#idle.clear();
  }
}

/** Runs the inline engine in a process that ends with the run. */
export function processOfOneRun(
  options: EngineProcessOptions,
  onOutput: OutputListener,
  entry = defaultEntry(),
): EngineRunner {
  return (order, take) =>
    new EngineProcess(entry, options).carryOut(order, take, { ...options, onOutput, stays: false });
}

const defaultEntry = (): string => join(__dirname, "inlineUp.js");

/** What only the start of a process decides. */
function startOf({ projectDir, environment }: EngineProcessOptions): string {
  const kept = Object.entries(environment).filter(([name]) => !ofOneRun.test(name));
  return JSON.stringify([projectDir, kept.sort()]);
}

interface RunOptions extends EngineProcessOptions {
  readonly onOutput: OutputListener;
  readonly stays: boolean;
}

class EngineProcess {
  readonly #child;
  readonly #ended: Promise<string>;
  #onOutput: OutputListener = () => undefined;

  constructor(
    entry: string,
    { projectDir, environment }: EngineProcessOptions,
    nodeOptions: readonly string[] = [],
  ) {
    const child = fork(entry, [], {
      cwd: projectDir,
      env: environment,
      execArgv: [...nodeOptions],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        this.#onOutput(stream, text);
      });
    }
    // Reports may still be under way when the process has gone; the channel closes behind the last one.
    const drained = new Promise<void>((resolve) => child.once("disconnect", resolve));
    const closed = new Promise<string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, killedBy) => {
        resolve(killedBy ?? `exit code ${code ?? "unknown"}`);
      });
    });
    this.#ended = Promise.all([closed, drained]).then(([ending]) => ending);
    this.#ended.catch(() => undefined);
  }

  /** Whether it can take an order. */
  isRunning(): boolean {
    const { connected, exitCode, signalCode } = this.#child;
    return connected && exitCode === null && signalCode === null;
  }

  async carryOut(
    order: Order,
    take: (report: Report) => void,
    { environment, signal, onOutput, stays }: RunOptions,
  ): Promise<string> {
    const child = this.#child;
    const kill = (): void => {
      child.kill("SIGKILL");
    };
    this.#onOutput = onOutput;
    this.#hold("ref");
    let stop: () => void = () => undefined;
    const over = new Promise<string>((resolve) => {
      stop = takeFrom<Report | "over">(child, (report) => {
        // What the process still did before the kill reached it, is in no state.
        if (signal?.aborted === true) return;
        if (report === "over") resolve(report);
        else take(report);
      });
    });
    signal?.addEventListener("abort", kill);
    if (signal?.aborted === true) kill();
    child.send({ order, environment, stays } satisfies Assignment, (error) => {
      // It died before it listened; "close" tells how.
      if (error !== null) child.kill();
    });
    try {
      const ending = await Promise.race([over, this.#ended]);
      // What the program printed has arrived by then, if it has not been read: the process waited until it was written.
      if (this.isRunning()) await setImmediate();
      return ending;
    } finally {
      signal?.removeEventListener("abort", kill);
      stop();
      this.#hold("unref");
    }
  }

  /** Between runs the process keeps the one that started it from nothing. */
  #hold(how: "ref" | "unref"): void {
    const { channel, stdout, stderr } = this.#child;
    this.#child[how]();
    channel?.[how]();
    for (const stream of [stdout, stderr]) (stream as Socket | null)?.[how]();
  }

  end(): void {
    // It ends with its channel.
    if (this.#child.connected) this.#child.disconnect();
  }
}
