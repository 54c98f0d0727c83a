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
import { asUsageError, UsageError, type Command, type ExitCode, type Flags } from "../shared/command";
import { findPulumiCli } from "../shared/engines/pulumiCli";
import { resourceProviders, type ResourceProviders } from "../shared/emulated/resourceProviders";
import { serveShell } from "../shared/emulated/serveShell";
import { startRehearsal, type Rehearsal } from "../shared/emulated/emulatedTenant";
import { azLogin, parseWho, signInAs, subjectForms, type Who } from "./signInAs";
import { endingSignals } from "../shared/emulated/untilStopped";
import type { World } from "../shared/world";

/** `npm run tenant`. */
export const tenantCommand: Command = {
  name: "tenant",
  summary:
    "Serves the emulated tenant on this machine to the Pulumi CLI, az, Azure SDKs and other HTTPS clients.",
  flags: {
    exec: {
      type: "string",
      value: "COMMAND",
      help: "runs one command in the tenant's environment, then exits",
    },
    as: {
      type: "string",
      value: "WHO",
      help: "the identity that the environment signs in as; see below (default: deployer)",
    },
    "client-id": {
      type: "string",
      value: "GUID",
      help: "the application or managed identity that a workload or GitHub job signs in as",
    },
    state: { type: "string", value: "FILE", help: "stores the tenant in a file between runs" },
    port: { type: "string", value: "PORT", help: "loopback port (default: any free port)" },
    log: { type: "boolean", help: "prints each request: method, path, status, caller" },
    fault: {
      type: "string",
      value: "PLAN",
      help: "fault plan, as JSON or a path to a JSON file; see docs/emulator.md",
    },
    clock: {
      type: "string",
      value: "INSTANT",
      help: `the tenant's start time, such as ${instantExample}`,
    },
    allow: {
      type: "string",
      multiple: true,
      value: "HOST",
      help: "allows requests to a real host, such as a plugin server; may be repeated",
    },
  },
  notes: [
    "--as deployer        a service principal with the deployer's permissions (docs/permissions.md), with a client secret",
    "--as administrator   the identity that runs infra/bootstrap: all apps, consent, Owner; with a client secret",
    "--as verifier        a service principal without permissions of its own, with a client secret",
    "--as workload        code in Azure with the stack's managed identities: IDENTITY_ENDPOINT, no secret.",
    "                     Like App Service, it does not choose an identity: --client-id sets AZURE_CLIENT_ID.",
    "--as SUBJECT         a GitHub Actions job that signs in with GitHub's OIDC token, by the token's subject:",
    ...subjectForms.map((form) => `                     ${form}`),
    "                     --client-id sets ARM_CLIENT_ID. ARM_USE_OIDC and GitHub's own variables are set too.",
    "",
    "Requests to other hosts are refused, so nothing reaches real Azure by accident.",
    "Exit code: that of the --exec command; otherwise 0, or 2 usage error.",
  ],
  run: async (flags, world) => {
    const file = flags.text("state");
    const statePath = file === undefined ? undefined : resolve(world.directory, file);
    const options = await readOptions(flags, statePath, world);
    if (flags.text("exec")?.trim() === "") {
      throw new UsageError('--exec is empty: give the command to run, such as --exec "az ad app list".');
    }
    const who = parseWho(flags.text("as") ?? "deployer", flags.text("client-id"));

    const rehearsal = await startRehearsal({
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
        world.tell(`Refused: ${host} is not emulated, and --allow ${host} was not given.`);
      },
    });
    let providers: ResourceProviders | undefined;
    try {
      const plain = rehearsal.environmentOf(await signInAs(rehearsal, who));
      if (await hasPulumiCli(world)) {
        providers = await resourceProviders(world.directory, plain, world.env);
      }
      const environment = { ...plain, ...providers?.environment };
      const command = flags.text("exec");
      if (command !== undefined) return await runInShell(command, environment, world);
      await serve(rehearsal, environment, { who, providers: providers?.description }, world);
      return 0;
    } finally {
      await providers?.close();
      await rehearsal.close();
      if (statePath !== undefined) await saveState(statePath, rehearsal.tenant.state);
    }
  },
};

async function readOptions(flags: Flags, statePath: string | undefined, world: World) {
  const port = flags.wholeNumber("port", { min: 1, max: 65_535 });
  const fault = flags.text("fault");
  const clock = flags.text("clock");
  const startAt = clock === undefined ? undefined : parseInstant(clock);
  if (clock !== undefined && startAt === undefined) {
    throw new UsageError(
      `--clock ${clock}: this is no ISO 8601 instant with its offset; write it like ${instantExample}.`,
    );
  }
  const faults = fault === undefined ? undefined : await readFaultPlan(fault, world.directory);
  const state = statePath === undefined ? undefined : await asUsageError(() => loadState(statePath));
  const allowTunnelsTo = flags.texts("allow");
  return {
    allowTunnelsTo,
    ...(port === undefined ? {} : { port }),
    ...(startAt === undefined ? {} : { startAt }),
    ...(faults === undefined ? {} : { faults }),
    ...(state === undefined ? {} : { state }),
  };
}

/** One that cannot be used is named, and keeps nobody from az or an SDK. */
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
    throw new UsageError(`--fault ${given}: there is no such file. Give a file, or JSON itself.`, { cause });
  }
}

/** Hands the command's own exit code back; for one that a signal ended 128 and the signal's number, as shells do. */
function runInShell(command: string, environment: Record<string, string>, world: World): Promise<ExitCode> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, { cwd: world.directory, env: environment, shell: true, stdio: "inherit" });
    // What ends this process ends the command first, so that the tenant is kept and nothing is left running.
    for (const signal of endingSignals) {
      // A terminal sends Ctrl-C to both, and a second one would make pulumi drop what it is doing.
      const isDelivered = signal === "SIGINT" && world.stdin.kind === "terminal";
      process.on(signal, () => isDelivered || child.kill(signal));
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      // The one command whose exit code is not ours to choose.
      resolvePromise((code ?? 128 + (signal === null ? 0 : constants.signals[signal])) as ExitCode);
    });
  });
}

async function serve(
  rehearsal: Rehearsal,
  environment: Record<string, string>,
  { who, providers }: { readonly who: Who; readonly providers: string | undefined },
  world: World,
): Promise<void> {
  const login = azLogin(who);
  const { tenantId, defaultDomain, subscriptionId } = rehearsal.tenant.state;
  await serveShell(world, "tenant", environment, ({ bashFile, powerShellFile }) => {
    world.print(
      [
        `Azure is emulated behind ${rehearsal.proxyUrl}: tenant ${defaultDomain} (${tenantId}), subscription ${subscriptionId}.`,
        "In another shell in this folder, load its environment:",
        "",
        `  bash, zsh    . ${bashFile}`,
        `  PowerShell   . ./${powerShellFile}`,
        "",
        `There, as shipped: pulumi, az, curl, the Azure SDKs.${login === undefined ? "" : " For az, first:"}`,
        ...(login === undefined ? [] : [`  ${login}`]),
        ...(providers === undefined ? [] : [`Pulumi takes its resource providers so: ${providers}.`]),
        "Ctrl-C ends it.",
      ].join("\n"),
    );
  });
}
