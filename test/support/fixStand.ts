import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { parse, stringify } from "yaml";
import type { Fix } from "../../core/fix";
import { readStackOutputs, type StackOutputs } from "../../core/outputs/stackOutputs";
import type { Ended } from "./commandProcess";
import { deployerCalls } from "./deployedStack";
import { startEmulatedAzure, type EmulatedAzureServer } from "./emulatedAzureServer";
import { linkProject } from "./linkProject";
import { quickRotation } from "./testStack";

/** A check's finding, as `--json` prints it. */
export interface SeenFinding {
  readonly id: string;
  readonly app?: string | null;
  readonly status: string;
  readonly summary: string;
  readonly fixes?: readonly Fix[];
}

/**
 * A deployed stack in an emulated tenant, and a shell in its folder that has the project's commands, `pulumi` and `az`:
 * what a person has who pastes a suggested command.
 */
export interface FixStand {
  readonly azure: EmulatedAzureServer;
  readonly folder: string;
  readonly call: ReturnType<typeof deployerCalls>;
  outputs(): StackOutputs;
  /** Runs commands in one shell, as pasted with `&&`. */
  shell(...commands: readonly string[]): Promise<Ended>;
  verify(...flags: readonly string[]): Promise<readonly SeenFinding[]>;
  doctor(...flags: readonly string[]): Promise<readonly SeenFinding[]>;
  /** Writes settings below `copilot-token:`, and others by their full key. */
  configure(settings: Readonly<Record<string, unknown>>, stack?: string): void;
  /** Moves everybody's clock, which is a day past the deployment. */
  advanceDays(days: number): void;
  /** Tenant, state and settings as they were when the stack had been deployed. */
  reset(): void;
  close(): Promise<void>;
}

export const fixStack = "test";

export async function fixStand(settings: Readonly<Record<string, unknown>>): Promise<FixStand> {
  const azure = await startEmulatedAzure();
  const { tenant } = azure;
  const folder = join(azure.folder, "work");
  const bin = join(azure.folder, "bin");
  for (const one of [folder, bin]) mkdirSync(one, { recursive: true });
  linkProject(folder, ["Pulumi.yaml"]);
  execFileSync(process.execPath, [resolve("scripts", "build.mjs"), join(folder, "dist")]);
  for (const tool of ["pulumi", "az"]) {
    const outfile = join(folder, "dist", `${tool}StandIn.js`);
    await build({
      entryPoints: [resolve("test", "support", "standIns", `${tool}.ts`)],
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs",
      external: ["@pulumi/*", "esbuild", "undici", "@azure/*"],
      logLevel: "error",
    });
    const program = join(bin, tool);
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${outfile}' "$@"\n`);
    chmodSync(program, 0o755);
  }
  let movedDays = 0;
  const environment = (): Record<string, string> => ({
    ...azure.environment,
    PATH: [bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
    HOME: azure.folder,
    PULUMI_SKIP_CONFIRMATIONS: "true",
    // The selected stack.
    PULUMI_STACK: fixStack,
    ...(movedDays === 0 ? {} : { COPILOT_TOKEN_CLOCK: tenant.clock.now().toISOString() }),
  });
  const shell = (...commands: readonly string[]): Promise<Ended> =>
    new Promise((ended) => {
      const options = { cwd: folder, env: environment(), maxBuffer: 64 * 1024 * 1024 };
      const child = execFile("sh", ["-c", commands.join(" && ")], options, (error, stdout, stderr) => {
        ended({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
      child.stdin?.end();
    });
  const findings = async (command: string, flags: readonly string[]): Promise<readonly SeenFinding[]> => {
    const words = [`'${process.execPath}'`, join("dist", "cli.mjs"), command, "--json", ...flags];
    const { stdout, stderr } = await shell(words.join(" "));
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
  const deployed = await shell(`pulumi up --stack ${fixStack}`);
  if (deployed.exitCode !== 0) throw new Error(deployed.stdout + deployed.stderr);
  const kept = join(azure.folder, "kept");
  cpSync(join(folder, ".copilot-token"), join(kept, "state"), { recursive: true });
  cpSync(stackFile(fixStack), join(kept, "settings"));
  const state = structuredClone(tenant.state);
  const advanceDays = (days: number): void => {
    movedDays += days;
    tenant.clock.advance(days * 86_400_000);
  };
  return {
    azure,
    folder,
    call: deployerCalls(tenant),
    outputs: () =>
      readStackOutputs(JSON.parse(readFileSync(join(folder, ".copilot-token", "outputs.json"), "utf8"))),
    shell,
    verify: (...flags) => findings("verify", ["--wait", "5", ...flags]),
    doctor: (...flags) => findings("doctor", ["--stack", fixStack, ...flags]),
    configure,
    advanceDays,
    reset: () => {
      tenant.clock.advance(-movedDays * 86_400_000);
      movedDays = 0;
      Object.assign(tenant.state, structuredClone(state));
      rmSync(join(folder, ".copilot-token"), { recursive: true });
      for (const name of readdirSync(folder)) if (/^Pulumi\..+\.yaml$/.test(name)) rmSync(join(folder, name));
      cpSync(join(kept, "state"), join(folder, ".copilot-token"), { recursive: true });
      cpSync(join(kept, "settings"), stackFile(fixStack));
      // Nothing is young any more, so nobody waits for it to arrive.
      advanceDays(1);
    },
    close: () => azure.close(),
  };
}
