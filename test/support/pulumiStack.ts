import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { describe, it } from "vitest";
import { parse, stringify } from "yaml";
import { localFolder } from "../../emulator/server/environment";
import type { RequestLogEntry } from "../../emulator/server/requestLog";
import type { Identity } from "../../emulator/tenant/seed";
import { clouds, type Cloud } from "../../core/cloud/clouds";
import { OperatorError } from "../../core/errors";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import { findPulumiCli, type PulumiCli } from "../../scripts/shared/engines/pulumiCli";
import { pulumiEngine } from "../../scripts/shared/engines/pulumiEngine";
import type { StackEngine } from "../../scripts/shared/engines/stackEngine";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import { resourceProviders, type ResourceProviders } from "../../scripts/shared/emulated/resourceProviders";
import type { Example } from "./examples";
import { bundledEntry } from "./inlineEngine";
import { quickRotation } from "./testStack";

const projectDir = resolve(".");
const stackName = "test";

/** One step of a run, as the real engine's event log tells it. */
export interface CliStep {
  /** The engine's own word, such as `create`, `delete-replaced`, `refresh`; `forget` where a deletion retains. */
  readonly operation: string;
  readonly type: string;
  readonly name: string;
}

/** One command of the real Pulumi CLI, ended. */
export interface CliRun {
  /** Undefined for a run that was killed. */
  readonly exitCode: number | undefined;
  /** All that it wrote. */
  readonly said: string;
  /** What it did, or for a preview would do; without what stays the same, components and bookkeeping. */
  readonly steps: readonly CliStep[];
  /** {@link steps} as `create CopilotAPIAuth-1`, sorted: independent resources come in any order. */
  readonly changes: readonly string[];
  /** What was asked of the emulated Azure meanwhile. */
  readonly requests: readonly RequestLogEntry[];
  readonly milliseconds: number;
  /** The engine's event log as it was written, debug messages included; empty for what has none. */
  readonly eventLog: string;
}

export interface CliRequest {
  /** Below `copilot-token:`; default: those of the run before. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the deployer. */
  readonly as?: Identity;
  /** Kills the CLI and all that it started (SIGKILL) when a request that this holds for has been answered. */
  readonly killAt?: (request: RequestLogEntry) => boolean;
}

/** As the exported state has it; secrets among the inputs are ciphertext. */
export interface PendingOperation {
  readonly type: string;
  readonly resource: {
    readonly urn: string;
    readonly type: string;
    /** URN of the component that it belongs to. */
    readonly parent: string;
    readonly inputs: Readonly<Record<string, unknown>>;
  };
}

/** The project's own program as a stack of the real Pulumi CLI, in a tenant and a backend of its own. */
export interface PulumiStack {
  readonly emulated: EmulatedTenant;
  /** For people: the CLI and where its resource providers come from. */
  readonly description: string;
  up(request?: CliRequest): Promise<CliRun>;
  preview(request?: CliRequest): Promise<CliRun>;
  refresh(request?: CliRequest): Promise<CliRun>;
  destroy(request?: CliRequest): Promise<CliRun>;
  /** Any other command, such as `cancel --yes`. */
  command(...words: string[]): Promise<CliRun>;
  outputs(): Promise<StackOutputs>;
  /** Environment of the commands: who signs in, and where the state is. */
  environment(): Promise<Readonly<Record<string, string>>>;
  /** Holds the project's `Pulumi.yaml`, the stack's settings and its state. */
  readonly folder: string;
  /** Writes the stack's settings, below `copilot-token:`. */
  configure(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * The stack as commands meet it.
   *
   * @param environment Who signs in; default: the deployer, by a secret.
   */
  engine(environment?: Readonly<Record<string, string>>): Promise<StackEngine>;
  /** Which operations the engine does not know the end of, after a run that was killed. */
  pendingOperations(): Promise<readonly PendingOperation[]>;
  /** All that was written to disk for the stack: its state, the history, its settings. */
  files(): Promise<string>;
  /** Also ends what a failed test left running. */
  close(): Promise<void>;
}

/** Tests that need the Pulumi CLI, found as `npm run local` finds it; without one they are skipped and say why. */
export function describeWithPulumi(title: string, tests: (cli: PulumiCli) => void): void {
  describe(title, { timeout: minutes(3) }, async () => {
    const found = await findPulumiCli({ env: process.env, runTool }, projectDir).catch((error: unknown) => {
      if (error instanceof OperatorError) return error.message;
      throw error;
    });
    if (typeof found === "object") {
      tests(found);
      return;
    }
    const why = `skipped: ${found ?? "there is no Pulumi CLI"}`;
    console.warn(`${title}: ${why}`);
    it.skip(why, () => undefined);
  });
}

/** As vitest wants it; a run takes ten seconds and a destruction, by azuread's own waits, a minute. */
export function minutes(count: number): number {
  return count * 60_000;
}

/**
 * @param cloud Of the tenant, which the stack's settings name.
 * @param example The program. Default: the project's own.
 */
export async function pulumiStack(
  cli: PulumiCli,
  cloud = clouds.public,
  example?: Example,
): Promise<PulumiStack> {
  const log: RequestLogEntry[] = [];
  let onRequest: (entry: RequestLogEntry) => void = () => undefined;
  const emulated = await startTenant({
    projectDir,
    cloud: cloud.name,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    log: (entry) => {
      log.push(entry);
      onRequest(entry);
    },
  });
  const { folder, backendUrl } = await makeProject(example);
  example?.install(folder, cli.command);
  const signedIn = new Map<string, Promise<SignedIn>>();
  const signIn = (identity: Identity): Promise<SignedIn> => {
    const known = signedIn.get(identity.clientId) ?? prepare(emulated.environmentOf(identity), backendUrl);
    signedIn.set(identity.clientId, known);
    return known;
  };
  const signInBy = (plain: Readonly<Record<string, string>>): Promise<SignedIn> => {
    const known = prepare(plain, backendUrl);
    signedIn.set(JSON.stringify(plain), known);
    return known;
  };

  const running = new Set<ChildProcess>();
  /**
   * As when the machine goes down. The project's own providers, which the CLI did not start, go down with it; the next
   * command gets new ones.
   */
  const killAll = async (child: ChildProcess): Promise<void> => {
    const pids = stopTree(child);
    await finishWriting(child, join(folder, "state")).finally(() => {
      sendAll(pids, "SIGKILL");
    });
    const providers = [...signedIn.values()];
    signedIn.clear();
    for (const known of providers) await (await known).providers.close();
  };
  const run = async (words: readonly string[], request: CliRequest = {}): Promise<CliRun> => {
    const { environment } = await signIn(request.as ?? emulated.tenant.identities.deployer);
    if (request.settings !== undefined) await writeSettings(folder, cloud, request.settings);
    const firstRequest = log.length;
    const startedAt = performance.now();
    let killed: Promise<void> | undefined;
    const child = spawn(cli.command, [...words], {
      cwd: folder,
      env: { ...environment, ...example?.environment(folder), ...request.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onRequest = (entry) => {
      if (request.killAt?.(entry) === true) killed ??= killAll(child);
    };
    running.add(child);
    const { exitCode, said } = await ended(child);
    running.delete(child);
    onRequest = () => undefined;
    await killed;
    const milliseconds = performance.now() - startedAt;
    return {
      exitCode,
      said,
      steps: [],
      changes: [],
      requests: log.slice(firstRequest),
      milliseconds,
      eventLog: "",
    };
  };
  const operate = async (operation: Operation, request: CliRequest = {}): Promise<CliRun> => {
    const eventLog = join(folder, "events.jsonl");
    const flags = ["--non-interactive", "--color", "never", "--suppress-progress", "--event-log", eventLog];
    if (operation !== "preview") flags.push("--yes");
    // A destruction needs its preview: without one, the engine notices a protected resource too late.
    if (operation === "up" || operation === "refresh") flags.push("--skip-preview");
    const ran = await run([operation, ...flags], request);
    const written = await readFile(eventLog, "utf8").catch(() => "");
    const events = eventsIn(written);
    // The engine's debug messages hold secrets in plain text; what is not asked for here, never reaches a disk.
    await rm(eventLog, { force: true });
    const steps = stepsIn(events, operation === "preview");
    const changes = steps.map(({ operation: done, name }) => `${done} ${name}`).sort();
    return { ...ran, steps, changes, eventLog: written };
  };

  const made = await run(["stack", "init", stackName, "--non-interactive"]);
  if (made.exitCode !== 0) throw new Error(`no stack was made: ${made.said}`);
  const { providers } = await signIn(emulated.tenant.identities.deployer);
  return {
    emulated,
    description: `Pulumi CLI ${cli.version} ${cli.place}; providers: ${providers.description}`,
    up: (request) => operate("up", request),
    preview: (request) => operate("preview", request),
    refresh: (request) => operate("refresh", request),
    destroy: (request) => operate("destroy", request),
    command: (...words) => run(words),
    outputs: async () => readStackOutputs(JSON.parse((await run(["stack", "output", "--json"])).said)),
    environment: async () => ({
      ...(await signIn(emulated.tenant.identities.deployer)).environment,
      ...example?.environment(folder),
    }),
    folder,
    configure: (settings) => writeSettings(folder, cloud, settings),
    engine: async (plain) => {
      const { environment } =
        plain === undefined ? await signIn(emulated.tenant.identities.deployer) : await signInBy(plain);
      return pulumiEngine(cli, "for a test", { projectDir: folder, environment, stack: stackName });
    },
    pendingOperations: async () => {
      const { exitCode, said } = await run(["stack", "export"]);
      if (exitCode !== 0) throw new Error(`the stack cannot be exported: ${said}`);
      const { deployment } = JSON.parse(said) as {
        deployment: { pending_operations?: readonly PendingOperation[] };
      };
      return deployment.pending_operations ?? [];
    },
    files: () => readTree(folder),
    close: async () => {
      for (const child of running) sendAll(stopTree(child), "SIGKILL");
      for (const known of signedIn.values()) await (await known).providers.close();
      await emulated.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Operation = "up" | "preview" | "refresh" | "destroy";

interface SignedIn {
  readonly environment: Readonly<Record<string, string>>;
  readonly providers: ResourceProviders;
}

async function prepare(plain: Readonly<Record<string, string>>, backendUrl: string): Promise<SignedIn> {
  const entry = bundledEntry("serveProvider");
  const providers = await resourceProviders(projectDir, plain, process.env, entry);
  return {
    providers,
    environment: {
      ...plain,
      ...providers.environment,
      PULUMI_BACKEND_URL: backendUrl,
      // Lets --event-log through.
      PULUMI_DEBUG_COMMANDS: "true",
    },
  };
}

async function makeProject(example?: Example): Promise<{ folder: string; backendUrl: string }> {
  const own = join(projectDir, localFolder);
  await mkdir(own, { recursive: true });
  const folder = await mkdtemp(join(own, "test-stack-"));
  await mkdir(join(folder, "state"));
  const source = example === undefined ? "." : join("examples", example.name);
  if (example !== undefined) await cp(source, folder, { recursive: true });
  const project = parse(await readFile(join(source, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  const places =
    example === undefined
      ? { main: resolve(project["main"] as string) }
      : {
          packages: { "copilot-token": resolve("plugin") },
          ...(example.runtime === undefined ? {} : { runtime: example.runtime }),
        };
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ ...project, ...places }));
  return { folder, backendUrl: pathToFileURL(join(folder, "state")).href };
}

/** The file also holds the salt of the stack's secrets, which stays. */
async function writeSettings(
  folder: string,
  { name, location, providers }: Cloud,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = join(folder, `Pulumi.${stackName}.yaml`);
  const given = Object.entries({ rotation: quickRotation, protect: false, ...settings });
  const config = Object.fromEntries(given.map(([key, value]) => [`copilot-token:${key}`, value]));
  const before = parse(await readFile(file, "utf8")) as Record<string, unknown>;
  const environment = {
    "azuread:environment": providers.azuread,
    "azure-native:environment": providers.azureNative,
  };
  const place = { "azure-native:location": location, ...(name === "public" ? {} : environment) };
  await writeFile(file, stringify({ ...before, config: { ...place, ...config } }));
}

function eventsIn(written: string): EngineEvent[] {
  return written.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as EngineEvent];
    } catch {
      // The last line of a run that was killed is half a line.
      return [];
    }
  });
}

function stepsIn(events: readonly EngineEvent[], planned: boolean): CliStep[] {
  return events.flatMap(({ resourcePreEvent, resOutputsEvent }) => {
    const metadata = (planned ? resourcePreEvent : resOutputsEvent)?.metadata as Described | undefined;
    if (metadata === undefined || metadata.op === "same") return [];
    const { op, type, urn, old } = metadata;
    if (type.startsWith("pulumi:") || /^copilot-token:(?!index:)/.test(type)) return [];
    const retained = op.startsWith("delete") && old?.retainOnDelete === true;
    return [{ operation: retained ? "forget" : op, type, name: urn.split("::").slice(3).join("::") }];
  });
}

type Described = StepEventMetadata & { readonly old?: { readonly retainOnDelete?: boolean } };

async function readTree(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
  return texts.join("\n");
}

function ended(child: ChildProcess): Promise<{ exitCode: number | undefined; said: string }> {
  return new Promise((resolvePromise, reject) => {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      resolvePromise({ exitCode: code ?? undefined, said });
    });
  });
}

/**
 * Lets a stopped CLI end a write of its state: killed in the middle, it leaves a file that no CLI can read. What it started
 * stays stopped meanwhile.
 */
async function finishWriting(cli: ChildProcess, stateFolder: string): Promise<void> {
  while (cli.exitCode === null && cli.signalCode === null && !(await isWhole(stateFolder))) {
    cli.kill("SIGCONT");
    await setTimeout(1);
    cli.kill("SIGSTOP");
    // A process stops a moment after its signal.
    await setTimeout(10);
  }
}

/** Whether every file of the stacks is valid JSON, the attributes beside each one too. */
async function isWhole(stateFolder: string): Promise<boolean> {
  const entries = await readdir(stateFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    ({ name, parentPath }) => /[\\/]stacks\b/.test(parentPath) && /\.(?:json|attrs)$/.test(name),
  );
  try {
    for (const { name, parentPath } of files) JSON.parse(await readFile(join(parentPath, name), "utf8"));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * Stops a process with all below it. The CLI stops first, so that it learns nothing of the request or its children.
 *
 * @returns Their IDs; none where it has ended.
 */
function stopTree(child: ChildProcess): number[] {
  if (child.pid === undefined || child.exitCode !== null) return [];
  process.kill(child.pid, "SIGSTOP");
  const parents = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const withAllBelow = (pid: number): number[] => [
    pid,
    ...parents.flatMap(([other = 0, parent]) => (parent === pid ? withAllBelow(other) : [])),
  ];
  const pids = withAllBelow(child.pid);
  sendAll(pids, "SIGSTOP");
  return pids;
}

function sendAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function runTool(
  tool: string,
  words: readonly string[],
  timeoutSeconds: number,
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  return new Promise((resolvePromise) => {
    execFile(tool, words, { timeout: timeoutSeconds * 1000 }, (error, stdout, stderr) => {
      const missing = error?.code === "ENOENT";
      resolvePromise({ exitCode: missing ? undefined : error === null ? 0 : 1, stdout, stderr });
    });
  });
}
