import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { localFolder } from "../../../emulator/server/environment";
import { OperatorError } from "../../../core/errors";
import { decodeSetting } from "../../../core/settings/stackConfig";
import type { PulumiCli } from "../engines/pulumiCli";
import { pulumiEngine } from "../engines/pulumiEngine";
import type { StackEngine } from "../engines/stackEngine";
import type { World } from "../world";
import { resourceProviders } from "./resourceProviders";

const runFile = promisify(execFile);

export interface EmulatedStack {
  readonly engine: StackEngine;
  /** Which resource providers work, for people. */
  readonly providers: string;
  /** Forgets the stack and ends what was started for it. */
  close(): Promise<void>;
}

export interface EmulatedStackOptions {
  readonly cli: PulumiCli;
  readonly reason: string;
  readonly stack: string;
  /** The program's main file or folder. Default: that of the project. */
  readonly main?: string;
  /** Full keys; structured values as JSON. */
  readonly config: Readonly<Record<string, string>>;
  /** The emulated environment of the deployer. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The project's program as a stack of the real Pulumi CLI, with a backend and a stack file of its own, so that
 * neither the user's stacks nor their files are touched.
 */
export async function startEmulatedStack(
  world: World,
  options: EmulatedStackOptions,
): Promise<EmulatedStack> {
  const { cli, stack } = options;
  const own = join(world.directory, localFolder);
  await mkdir(own, { recursive: true });
  const folder = await mkdtemp(join(own, "stack-"));
  const backend = join(folder, "state");
  await mkdir(backend);
  await writeProject(world.directory, folder, options);
  const providers = await resourceProviders(world.directory, options.environment, world.env);
  const close = async (): Promise<void> => {
    await providers.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const environment = {
      ...options.environment,
      ...providers.environment,
      PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    };
    await makeStack(cli, folder, stack, environment);
    const engine = await pulumiEngine(cli, options.reason, { projectDir: folder, environment, stack });
    return { engine, providers: providers.description, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A project file that leads to the same program, and the stack's settings. */
async function writeProject(
  projectDir: string,
  folder: string,
  { stack, config, main: given }: EmulatedStackOptions,
): Promise<void> {
  const project = parse(await readFile(join(projectDir, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  const own = typeof project["main"] === "string" ? project["main"] : ".";
  // Another program has a project as `pulumi new` makes it.
  const runtime = given === undefined ? project["runtime"] : "nodejs";
  const values = Object.entries(config).map(([key, text]) => [key, decodeSetting(text)] as const);
  await writeFile(
    join(folder, "Pulumi.yaml"),
    stringify({ ...project, runtime, main: resolve(projectDir, given ?? own) }),
  );
  await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify({ config: Object.fromEntries(values) }));
}

async function makeStack(
  { command }: PulumiCli,
  folder: string,
  stack: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await runFile(command, ["stack", "init", stack, "--non-interactive"], { cwd: folder, env: environment });
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    throw new OperatorError("PULUMI_FAILED", `The Pulumi CLI could not create the stack: ${stderr.trim()}`, {
      cause,
    });
  }
}
