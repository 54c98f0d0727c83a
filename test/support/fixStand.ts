import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Fix } from "../../core/fix";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import type { EngineRunner } from "../../emulator/pulumi/engineProcess";
import type { DeployOptions } from "../../emulator/pulumi/inline";
import { builtInRoles } from "../../emulator/arm/builtInRoles";
import type { Tenant } from "../../emulator/tenant/tenant";
import type { SignIn } from "../../emulator/server/environment";
import { commands } from "../../scripts/commands";
import { describeFailure, execute, exitCodeOf } from "../../scripts/shared/command";
import type { ToolResult, World } from "../../scripts/shared/world";
import type { Ended } from "./commandProcess";
import { deployerCalls } from "./deployedStack";
import { startEmulatedAzure, type EmulatedAzureServer } from "./emulatedAzureServer";
import { linkProject } from "./linkProject";
import { paste } from "./pastedShell";
import { azStandIn } from "./standIns/azCommands";
import { pulumiStandIn } from "./standIns/pulumiCommands";
import { speedVariable } from "./hurriedTime";
import { hurriedProcesses } from "./inlineEngine";
import { quickRotation } from "./testStack";
import { azureExchange, testWorld } from "./testWorld";

/** A check's finding, as `--json` prints it. */
export interface SeenFinding {
  readonly id: string;
  readonly app?: string | null;
  readonly status: string;
  readonly summary: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly fixes?: readonly Fix[];
}

/**
 * A deployed stack in an emulated tenant, and a shell in its folder that has the project's commands, `pulumi` and `az`:
 * what a person has who pastes a suggested command. The commands are carried out in the test's process.
 */
export interface FixStand {
  readonly azure: EmulatedAzureServer;
  readonly folder: string;
  readonly call: ReturnType<typeof deployerCalls>;
  outputs(): StackOutputs;
  /** Runs commands in one shell, as pasted with `&&`. */
  shell(...commands: readonly string[]): Promise<Ended>;
  /** As `shell`; fails where the command does. */
  done(...commands: readonly string[]): Promise<string>;
  verify(...flags: readonly string[]): Promise<readonly SeenFinding[]>;
  doctor(...flags: readonly string[]): Promise<readonly SeenFinding[]>;
  /** What the stack was deployed with, below `copilot-token:`. */
  settings(): Readonly<Record<string, unknown>>;
  /** Writes settings below `copilot-token:`, and others by their full key. */
  configure(settings: Readonly<Record<string, unknown>>, stack?: string): void;
  /** Moves everyone's clock, which is a day past the deployment. */
  advanceDays(days: number): void;
  /** Who signs in from now on; default: the deployer. */
  signInAs(who: SignIn): void;
  /** Lets the time of runs pass so many times faster from now on. */
  hurry(times: number): void;
  /** Variables of everything that is started from now on, beside the sign-in. */
  setVariables(variables: Readonly<Record<string, string>>): void;
  /** What the identities of the tenant hold, each as `principal: permission` or `principal: role`. */
  grants(): string[];
  /** Does work that several scenarios begin with once, and puts what it left in place for the others. */
  prepared(name: string, work: () => Promise<void>): Promise<void>;
  /** Tenant, state and settings as they were when the stack had been deployed. */
  reset(): void;
  close(): Promise<void>;
}

export const fixStack = "test";

/** Runs of the inline engine go to one process, instead of one each. */
let runner: (options: DeployOptions) => EngineRunner = () => {
  throw new Error("no stand is set up");
};

/** For the mock of `deploy`: what carries out a run. */
export function standRunner(options: DeployOptions): EngineRunner {
  return runner(options);
}

export async function fixStand(settings: Readonly<Record<string, unknown>>): Promise<FixStand> {
  const azure = await startEmulatedAzure();
  const { tenant } = azure;
  const folder = join(azure.folder, "work");
  mkdirSync(folder, { recursive: true });
  linkProject(folder, ["Pulumi.yaml"]);
  const processes = hurriedProcesses();
  let speed = 1;
  runner = (options) =>
    processes.runner(
      { ...options, environment: { ...options.environment, [speedVariable]: String(speed) } },
      (stream, text) => options.onEvent?.({ kind: "output", stream, text }),
    );
  const clock = tenant.clock;
  let movedMilliseconds = 0;
  const advance = (milliseconds: number): void => {
    movedMilliseconds += milliseconds;
    clock.advance(milliseconds);
  };
  let signedIn: SignIn = tenant.identities.deployer;
  let more: Readonly<Record<string, string>> = {};

  const worldOf = (said: { stdout: string; stderr: string }, variables = {}): World =>
    testWorld({
      env: {
        ...azure.environmentOf(signedIn),
        HOME: azure.folder,
        PULUMI_SKIP_CONFIRMATIONS: "true",
        // The selected stack.
        PULUMI_STACK: fixStack,
        ...(movedMilliseconds === 0 ? {} : { COPILOT_TOKEN_CLOCK: clock.now().toISOString() }),
        ...more,
        ...variables,
      },
      directory: folder,
      exchange: azureExchange(tenant),
      now: () => clock.now(),
      onSleep: advance,
      print: (line) => (said.stdout += `${line}\n`),
      tell: (line) => (said.stderr += `${line}\n`),
      runTool,
    });
  const program = async (
    words: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Ended> => {
    const said = { stdout: "", stderr: "" };
    const world = worldOf(said, variables);
    const [name, ...rest] = words;
    let exitCode: number;
    if (name === "pulumi") exitCode = await pulumiStandIn(rest, { ...world, isTelling: true });
    else if (name === "az") exitCode = await azStandIn(rest, world);
    else if (name === "npm") exitCode = await npmRun(rest, world);
    else throw new Error(`there is no ${words.join(" ")} here`);
    return { exitCode, ...said };
  };
  // The Automation API would start it as a process.
  const absent: ToolResult = { exitCode: undefined, stdout: "", stderr: "" };
  const runTool: World["runTool"] = async (tool, words) =>
    tool === "pulumi" && words[0] !== "version" ? await program([tool, ...words]) : absent;
  const shell = (...lines: readonly string[]): Promise<Ended> => paste(lines, folder, program);
  const done = async (...lines: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await shell(...lines);
    if (exitCode === 0) return stdout;
    throw new Error(`${lines.join(" && ")}: ${exitCode}\n${stdout}${stderr}`);
  };
  const findings = async (command: string, flags: readonly string[]): Promise<readonly SeenFinding[]> => {
    const { stdout, stderr } = await program(["npm", "run", command, "--", "--json", ...flags]);
    if (stdout === "") throw new Error(stderr);
    return (JSON.parse(stdout) as { checks: SeenFinding[] }).checks;
  };

  const stackFile = (stack: string): string => join(folder, `Pulumi.${stack}.yaml`);
  const configure = (more: Readonly<Record<string, unknown>>, stack = fixStack): void => {
    const file = stackFile(stack);
    const before = existsSync(file) ? (parse(readFileSync(file, "utf8")) as { config: object }).config : {};
    const given = Object.entries(more).map(([key, value]) => [
      key.includes(":") ? key : `copilot-token:${key}`,
      value,
    ]);
    writeFileSync(file, stringify({ config: { ...before, ...Object.fromEntries(given) } }));
  };
  const readers = [{ id: tenant.identities.deployer.objectId, type: "ServicePrincipal" }];
  configure({
    "azure-native:location": "westeurope",
    rotation: quickRotation,
    vault: { readers },
    protect: false,
    ...settings,
  });
  await done(`pulumi up --stack ${fixStack}`);
  const places = new Map<string, { state: Tenant["state"]; movedMilliseconds: number }>();
  const keptIn = (name: string): string => join(azure.folder, "kept", name);
  const isKept = (name: string): boolean => name === ".copilot-token" || /^Pulumi\..+\.yaml$/.test(name);
  const keep = (name: string): void => {
    places.set(name, { state: structuredClone(tenant.state), movedMilliseconds });
    for (const file of readdirSync(folder).filter(isKept)) {
      cpSync(join(folder, file), join(keptIn(name), file), { recursive: true });
    }
  };
  const goBackTo = (name: string): void => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`nothing is kept as ${name}`);
    advance(place.movedMilliseconds - movedMilliseconds);
    Object.assign(tenant.state, structuredClone(place.state));
    for (const file of readdirSync(folder).filter(isKept)) rmSync(join(folder, file), { recursive: true });
    cpSync(keptIn(name), folder, { recursive: true });
  };
  keep("deployed");
  return {
    azure,
    folder,
    call: deployerCalls(tenant),
    outputs: () =>
      readStackOutputs(JSON.parse(readFileSync(join(folder, ".copilot-token", "outputs.json"), "utf8"))),
    shell,
    done,
    verify: (...flags) => findings("verify", ["--wait", "5", ...flags]),
    doctor: (...flags) => findings("doctor", flags),
    settings: () => settings,
    configure,
    advanceDays: (days) => {
      advance(days * 86_400_000);
    },
    signInAs: (who) => {
      signedIn = who;
    },
    hurry: (times) => {
      speed = times;
    },
    setVariables: (variables) => {
      more = variables;
    },
    grants: () => grantsIn(tenant.state),
    prepared: async (name, work) => {
      if (places.has(name)) goBackTo(name);
      else {
        await work();
        keep(name);
      }
    },
    reset: () => {
      goBackTo("deployed");
      signedIn = tenant.identities.deployer;
      tenant.faults = {};
      more = {};
      speed = 1;
      // Nothing is new any more, so no command waits for replication.
      advance(86_400_000);
    },
    close: async () => {
      processes.close();
      await azure.close();
    },
  };
}

function grantsIn({ directory, arm }: Tenant["state"]): string[] {
  const { servicePrincipals, appRoleAssignments } = directory;
  const name = (objectId: string): string => servicePrincipals[objectId]?.displayName ?? objectId;
  const permissions = Object.values(appRoleAssignments).map(({ principalId, resourceId, appRoleId }) => {
    const role = servicePrincipals[resourceId]?.appRoles.find(({ id }) => id === appRoleId);
    return `${name(principalId)}: ${role?.value ?? appRoleId}`;
  });
  const roles = Object.values(arm.roleAssignments).map(({ principalId, roleDefinitionId }) => {
    const guid = roleDefinitionId.split("/").at(-1) ?? "";
    return `${name(principalId)}: ${builtInRoles.find(({ name: role }) => role === guid)?.roleName ?? guid}`;
  });
  return [...new Set([...permissions, ...roles])].sort();
}

/** `npm run <command> -- …`, by a person at a terminal who confirms what they are asked. */
async function npmRun(words: readonly string[], world: World): Promise<number> {
  const [run, name = "", dashes, ...flags] = words;
  const command = commands[name];
  if (run !== "run" || command === undefined || (dashes !== undefined && dashes !== "--")) {
    throw new Error(`there is no npm ${words.join(" ")} here`);
  }
  const at = flags.indexOf("--stack");
  const stack = at < 0 ? fixStack : (flags[at + 1] ?? "");
  // What the Pulumi CLI has selected.
  if (at < 0 && ["rotate", "destroy"].includes(name)) flags.push("--stack", stack);
  const terminal: World = {
    ...world,
    stdin: { kind: "terminal", read: () => Promise.resolve("") },
    ask: () => Promise.resolve(stack),
  };
  try {
    return await execute(command, flags, terminal);
  } catch (error) {
    world.tell(describeFailure(error));
    return exitCodeOf(error);
  }
}
