import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { stringify } from "yaml";
import { workflowVariables } from "../../../emulator/github/githubActions";
import { bundled } from "../built";
import { bundleCommands } from "../commandProcess";
import { startEmulatedAzure, type EmulatedAzureServer } from "../emulatedAzureServer";
import { linkProject, ownStack } from "../linkProject";
import { quickRotation } from "../testStack";
import type { Runner } from "./jobRun";

/** A GitHub runner on this machine that reaches the emulated Azure and nothing else. */
export interface EmulatedRunner extends Runner {
  readonly azure: EmulatedAzureServer;
  /** The stack file, with the verifier among its readers. */
  writeStack(stack: string, settings?: Readonly<Record<string, unknown>>): void;
  /** What GitHub knows of finished runs, newest first. */
  knowRuns(runs: readonly KnownRun[]): void;
  /** Issues that the jobs opened, with all that they wrote there. */
  issues(): readonly { title: string; bodies: string[] }[];
  /** IDs of the runs that artifacts were taken from. */
  downloads(): readonly string[];
  /** A file of an artifact. */
  artifact(name: string, file: string): string;
  close(): Promise<void>;
}

export interface KnownRun {
  readonly id: number;
  /** Workflow file. */
  readonly path: string;
  readonly event: string;
  readonly branch: string;
  /** Its commit; default: one on the branch main. */
  readonly commit?: string;
  readonly artifacts: readonly string[];
  readonly expired?: boolean;
  /** Whether GitHub fails when asked about it. */
  readonly unanswered?: boolean;
}

export const repository = "contoso/agents";

/** Node, npm, bash, coreutils, curl: what the machine has anyway. The jobs bring the rest. */
export async function emulatedRunner(): Promise<EmulatedRunner> {
  const azure = await startEmulatedAzure();
  const workspace = join(azure.folder, "work");
  const artifactFolder = join(azure.folder, "github", "artifacts");
  const [bin, pulumiFolder] = [join(azure.folder, "bin"), join(azure.folder, "pulumi-stand-in")];
  for (const folder of [workspace, artifactFolder, bin, pulumiFolder]) mkdirSync(folder, { recursive: true });
  linkProject(workspace, [...ownStack, ".github"]);
  const standIn = join(workspace, "dist", "pulumiStandIn.js");
  cpSync(dirname(bundleCommands()), join(workspace, "dist"), { recursive: true });
  copyFileSync(
    bundled("pulumiStandIn.js", {
      entryPoints: [resolve("test", "support", "standIns", "pulumi.ts")],
      external: ["@pulumi/*", "esbuild", "undici"],
    }),
    standIn,
  );
  writeProgram(join(bin, "gh"), resolve("test", "support", "standIns", "gh.mjs"));
  writeProgram(join(pulumiFolder, "pulumi"), standIn);

  const github = join(azure.folder, "github");
  const readJson = (name: string): unknown[] =>
    existsSync(join(github, name)) ? (JSON.parse(readFileSync(join(github, name), "utf8")) as unknown[]) : [];
  return {
    azure,
    workspace,
    artifactFolder,
    machine: {
      ...machineOf(azure),
      PATH: [bin, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      HOME: azure.folder,
      GH_STAND_IN: github,
      // It is refused at once, and would ask again for a minute.
      npm_config_fetch_retries: "0",
    },
    checkOut: () => {
      const kept = /^Pulumi\..*yaml$/;
      for (const entry of readdirSync(workspace, { withFileTypes: true })) {
        if (entry.isFile() && !kept.test(entry.name)) rmSync(join(workspace, entry.name));
      }
    },
    installs: { "pulumi/actions": pulumiFolder },
    oidcVariables: (environment) =>
      workflowVariables(azure.tenant, {
        repository,
        ...(environment === undefined ? {} : { environment }),
      }),
    writeStack: (stack, settings = {}) => {
      const readers = [{ id: azure.tenant.identities.verifier.objectId, type: "ServicePrincipal" }];
      const all = { rotation: quickRotation, vault: { readers }, protect: false, ...settings };
      const config = Object.entries(all).map(([key, value]) => [`copilot-token:${key}`, value] as const);
      const text = stringify({
        config: { "azure-native:location": "westeurope", ...Object.fromEntries(config) },
      });
      writeFileSync(join(workspace, `Pulumi.${stack}.yaml`), text);
    },
    knowRuns: (runs) => {
      writeFileSync(join(github, "runs.json"), JSON.stringify(runs));
    },
    issues: () => readJson("issues.json") as ReturnType<EmulatedRunner["issues"]>,
    downloads: () => readJson("downloads.json") as string[],
    artifact: (name, file) => readFileSync(join(artifactFolder, name, file), "utf8"),
    close: () => azure.close(),
  };
}

/** The way to the emulated Azure; who signs in there, and where the state is, the workflow has to say. */
function machineOf({ environment }: EmulatedAzureServer): Record<string, string> {
  const ofTheWorkflow = /^ARM_|^AZURE_(?!CONFIG_DIR$)|^PULUMI_BACKEND_URL$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ofTheWorkflow.test(name)));
}

function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(path, 0o755);
}
