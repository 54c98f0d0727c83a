import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { resolve } from "node:path";
import { parseFaultPlan } from "../../emulator/server/faultPlan";
import type { FaultPlan } from "../../emulator/server/faults";
import { formatLogEntry } from "../../emulator/server/requestLog";
import { loadState, saveState } from "../../emulator/tenant/state";
import { OperatorError } from "../../core/errors";
import { instantExample, parseInstant } from "../../core/instant";
import { asMisuse, MisuseError, type Command, type ExitCode, type Flags } from "../shared/command";
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
    "Serves the emulated Azure on this machine, for the Pulumi CLI, az, SDKs and anything else that speaks HTTPS.",
  flags: {
    exec: {
      type: "string",
      value: "COMMAND",
      help: "runs one command in the tenant's environment and ends with it",
    },
    as: {
      type: "string",
      value: "WHO",
      help: "who the environment signs in as: see below; deployer",
    },
    "client-id": {
      type: "string",
      value: "GUID",
      help: "the application or managed identity that a workload or a GitHub job signs in as",
    },
    state: { type: "string", value: "FILE", help: "keeps the tenant in a file between runs" },
    port: { type: "string", value: "PORT", help: "loopback port; any free one" },
    log: { type: "boolean", help: "shows each request: method, path, status, who" },
    fault: { type: "string", value: "PLAN", help: "bad days, as JSON or a file of JSON; see the README" },
    clock: {
      type: "string",
      value: "INSTANT",
      help: `the tenant's time at the start, such as ${instantExample}`,
    },
    allow: {
      type: "string",
      multiple: true,
      value: "HOST",
      help: "lets a real host through, such as one of plugins",
    },
  },
  notes: [
    "--as deployer        a service principal with the rights that the README names, by its secret",
    "--as administrator   who runs infra/bootstrap: every app, consent, Owner of the subscription; by its secret",
    "--as verifier        one without any right of its own, by its secret",
    "--as workload        code in Azure with the stack's managed identities: App Service's IDENTITY_ENDPOINT, no secret.",
    "                     Like App Service it takes an identity only by its ID: --client-id sets AZURE_CLIENT_ID.",
    "--as SUBJECT         a job of GitHub Actions that signs in by GitHub's assertions, named as credentials name it:",
    ...subjectForms.map((form) => `                     ${form}`),
    "                     --client-id sets ARM_CLIENT_ID, beside ARM_USE_OIDC and what GitHub sets for each job.",
    "",
    "Any host that is neither emulated nor allowed is refused, so nothing reaches real Azure by accident.",
    "Exit code: that of the --exec command; else 0, or 2 misused.",
  ],
  run: async (flags, world) => {
    const file = flags.text("state");
    const statePath = file === undefined ? undefined : resolve(world.directory, file);
    const options = await readOptions(flags, statePath, world);
    if (flags.text("exec")?.trim() === "") {
      throw new MisuseError('--exec is empty: give the command to run, such as --exec "az ad app list".');
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
    throw new MisuseError(
      `--clock ${clock}: this is no ISO 8601 instant with its offset; write it like ${instantExample}.`,
    );
  }
  const faults = fault === undefined ? undefined : await readFaultPlan(fault, world.directory);
  const state = statePath === undefined ? undefined : await asMisuse(() => loadState(statePath));
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
    if (!(error instanceof OperatorError)) throw error;
    world.tell(error.message);
    return false;
  }
}

async function readFaultPlan(given: string, directory: string): Promise<FaultPlan> {
  try {
    if (given.trimStart().startsWith("{")) return parseFaultPlan(given, "--fault");
    return parseFaultPlan(await readFile(resolve(directory, given), "utf8"), given);
  } catch (cause) {
    if (cause instanceof OperatorError) throw new MisuseError(cause.message, { cause });
    throw new MisuseError(`--fault ${given}: there is no such file. Give a file, or JSON itself.`, { cause });
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
