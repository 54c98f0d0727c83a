import { readCloud } from "../shared/emulated/cloudFlag";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { resolve } from "node:path";
import { parseFaultPlan } from "../../emulator/server/faultPlan";
import type { FaultPlan } from "../../emulator/server/faults";
import { formatLogEntry } from "../../emulator/server/requestLog";
import { loadState, saveState } from "../../emulator/tenant/state";
import { isOperatorError } from "../../core/errors";
import { instantExample, parseInstant } from "../../core/instant";
import { asUsageError, UsageError, type ExitCode, type Flags } from "../shared/command";
import { findPulumiCli } from "../shared/engines/pulumiCli";
import { resourceProviders, type ResourceProviders } from "../shared/emulated/resourceProviders";
import { removeAbandonedFiles } from "../shared/emulated/abandonedFiles";
import { endingSignals, serveShell } from "../shared/emulated/serveShell";
import { startTenant, type EmulatedTenant } from "../../emulator/startTenant";
import { azLogin, parseWho, signInAs, type Who } from "./signInAs";
import type { World } from "../shared/world";

/** Carries out `npm run tenant`. */
export async function runTenant(flags: Flags, world: World): Promise<ExitCode> {
  const file = flags.text("state");
  const statePath = file === undefined ? undefined : resolve(world.directory, file);
  const options = await readOptions(flags, statePath, world);
  if (flags.text("exec")?.trim() === "") {
    throw new UsageError('--exec is empty. Give the command to run, such as --exec "az ad app list".');
  }
  const who = parseWho(flags.text("as") ?? "deployer", flags.text("client-id"));

  await removeAbandonedFiles(world.directory);
  const emulated = await startTenant({
    ...options,
    projectDir: world.directory,
    env: world.env,
    ...(flags.on("log")
      ? {
          log: (entry) => {
            world.tell(formatLogEntry(entry));
          },
        }
      : {}),
    onRefusedHost: (host) => {
      world.tell(
        `Refused a request to ${host}: this host is not emulated. To allow it, add --allow ${host}.`,
      );
    },
  });
  let providers: ResourceProviders | undefined;
  try {
    const plain = emulated.environmentOf(await signInAs(emulated, who));
    if (await hasPulumiCli(world)) {
      providers = await resourceProviders(world.directory, plain, world.env);
    }
    const environment = { ...plain, ...providers?.environment };
    const command = flags.text("exec");
    if (command !== undefined) return await runInShell(command, environment, world);
    await serve(emulated, environment, { who, providers: providers?.description }, world);
    return 0;
  } finally {
    await providers?.close();
    await emulated.close();
    if (statePath !== undefined) await saveState(statePath, emulated.tenant.state);
  }
}

async function readOptions(flags: Flags, statePath: string | undefined, world: World) {
  const port = flags.wholeNumber("port", { min: 1, max: 65_535 });
  const fault = flags.text("fault");
  const clock = flags.text("clock");
  const startAt = clock === undefined ? undefined : parseInstant(clock);
  if (clock !== undefined && startAt === undefined) {
    throw new UsageError(
      `--clock ${clock} is not an ISO 8601 time with an offset. Write it like ${instantExample}.`,
    );
  }
  const faults = fault === undefined ? undefined : await readFaultPlan(fault, world.directory);
  const state = statePath === undefined ? undefined : await asUsageError(() => loadState(statePath));
  const cloud = readCloud(flags.text("cloud"));
  if (cloud !== undefined && state !== undefined && cloud.name !== (state.cloud ?? "public")) {
    throw new UsageError(
      `--cloud ${cloud.name}: the tenant in ${statePath ?? ""} is in another cloud, ${state.cloud ?? "public"}. Leave --cloud out, or name another file.`,
    );
  }
  const allowTunnelsTo = flags.texts("allow");
  return {
    allowTunnelsTo,
    ...(port === undefined ? {} : { port }),
    ...(startAt === undefined ? {} : { startAt }),
    ...(faults === undefined ? {} : { faults }),
    ...(state === undefined ? {} : { state }),
    ...(cloud === undefined ? {} : { cloud: cloud.name }),
    ...(statePath === undefined ? {} : { stateFile: statePath }),
  };
}

/** A CLI that cannot be used is reported; az and the SDKs still work. */
async function hasPulumiCli(world: World): Promise<boolean> {
  try {
    return (await findPulumiCli(world, world.directory)) !== undefined;
  } catch (error) {
    if (!isOperatorError(error)) throw error;
    world.tell(error.message);
    return false;
  }
}

async function readFaultPlan(given: string, directory: string): Promise<FaultPlan> {
  try {
    if (given.trimStart().startsWith("{")) return parseFaultPlan(given, "--fault");
    return parseFaultPlan(await readFile(resolve(directory, given), "utf8"), given);
  } catch (cause) {
    if (isOperatorError(cause)) throw new UsageError(cause.message, { cause });
    throw new UsageError(`--fault ${given}: the file does not exist. Give JSON or the path to a JSON file.`, {
      cause,
    });
  }
}

/** Returns the command's exit code; 128 plus the signal's number if a signal ended it, as shells do. */
function runInShell(command: string, environment: Record<string, string>, world: World): Promise<ExitCode> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, { cwd: world.directory, env: environment, shell: true, stdio: "inherit" });
    // A signal to this process ends the command first, so that the tenant is saved and nothing keeps running.
    for (const signal of endingSignals) {
      // A terminal sends Ctrl-C to both processes, and a second one would make pulumi cancel without cleaning up.
      const isDelivered = signal === "SIGINT" && world.stdin.kind === "terminal";
      process.on(signal, () => isDelivered || child.kill(signal));
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      // The only command that returns the exit code of another one.
      resolvePromise((code ?? 128 + (signal === null ? 0 : constants.signals[signal])) as ExitCode);
    });
  });
}

async function serve(
  emulated: EmulatedTenant,
  environment: Record<string, string>,
  { who, providers }: { readonly who: Who; readonly providers: string | undefined },
  world: World,
): Promise<void> {
  const login = azLogin(who);
  const { tenantId, defaultDomain, subscriptionId } = emulated.tenant.state;
  await serveShell(world, "tenant", environment, ({ bashFile, powerShellFile }) => {
    world.print(
      [
        `The emulated tenant is running behind the proxy ${emulated.proxyUrl}: tenant ${defaultDomain} (${tenantId}), subscription ${subscriptionId}.`,
        "Load its environment in another shell in this folder:",
        "",
        `  bash, zsh    . ${bashFile}`,
        `  PowerShell   . ./${powerShellFile}`,
        "",
        `Then use pulumi, az, curl or the Azure SDKs.${login === undefined ? "" : " For az, sign in first:"}`,
        ...(login === undefined ? [] : [`  ${login}`]),
        ...(providers === undefined ? [] : [`Resource providers of Pulumi: ${providers}.`]),
        "Press Ctrl-C to stop it.",
      ].join("\n"),
    );
  });
}
