import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent, LocalWorkspace, Stack } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod/mini";
import { messageOf, OperatorError } from "../../../core/errors";
import { UsageError } from "../command";
import { pathFor, type PulumiCli } from "./pulumiCli";
import { nameIn, parentTypeIn, pulumiRecord, type PulumiRecord } from "./pulumiEvents";
import { pulumiRefusal } from "./pulumiFailure";
import type { EngineOptions, EngineRun, RunRequest, StackEngine } from "./stackEngine";

/** What is read of an exported stack; secrets in it are ciphertext. */
const deploymentShape = z.object({
  resources: z._default(
    z.array(
      z.object({
        urn: z.string(),
        type: z.string(),
        custom: z._default(z.boolean(), false),
        external: z._default(z.boolean(), false),
        id: z._default(z.string(), ""),
        protect: z._default(z.boolean(), false),
        retainOnDelete: z._default(z.boolean(), false),
      }),
    ),
    [],
  ),
});

const pendingShape = z.object({
  pending_operations: z._default(z.array(z.object({ type: z.string() })), []),
});

/**
 * The Pulumi CLI, through the Automation API. The stack that the user has selected stays selected, and
 * `Pulumi.<stack>.yaml` stays as it is, byte for byte.
 *
 * @throws {UsageError} `STACK_MISSING` when no stack is selected and none is named.
 */
export async function pulumiEngine(
  cli: PulumiCli,
  reason: string,
  options: EngineOptions,
): Promise<StackEngine> {
  const workspace = await openWorkspace(cli, options);
  const name = options.stack ?? (await selectedStack(workspace));
  const { Stack } = await import("@pulumi/pulumi/automation/index.js");
  // "Select" would change which stack the user's next `pulumi up` means.
  const stack = await Stack.select(name, Object.assign(workspace, { selectStack: () => Promise.resolve() }));
  const stackFile = join(options.projectDir, `Pulumi.${name.split("/").at(-1) ?? name}.yaml`);
  const said = <T>(work: () => Promise<T>): Promise<T> => inOurWords(work, name);
  const run = (mode: RunMode, request: RunRequest): Promise<EngineRun> =>
    keepingFile(stackFile, () => runOnce(stack, mode, request, options));
  const up = async (request: RunRequest): Promise<EngineRun> => {
    const { hasPending, ...done } = await keepingFile(stackFile, () =>
      runOnce(stack, "up", request, options),
    );
    if (done.ok && hasPending) await said(() => forgetPendingCreations(stack));
    return done;
  };
  const exportedResources = async () => {
    const exported: { deployment: unknown } = await stack.exportStack();
    return deploymentShape.parse(exported.deployment ?? {}).resources;
  };
  return {
    name: "pulumi",
    why: `Pulumi CLI ${cli.version}, ${reason}`,
    stack: name,
    outputs: () =>
      said(async () => {
        const outputs = Object.entries(await workspace.stackOutputs(name));
        return outputs.length === 0
          ? undefined
          : Object.fromEntries(
              outputs.map(([key, { value, secret }]) => [key, secret ? "[secret]" : (value as unknown)]),
            );
      }),
    resources: () =>
      said(async () => {
        const resources = await exportedResources();
        return resources
          .filter(({ custom, external, type }) => custom && !external && !type.startsWith("pulumi:"))
          .map(({ type, urn, id, protect, retainOnDelete }) => ({
            type,
            name: nameIn(urn) ?? urn,
            parentType: parentTypeIn(urn),
            id,
            isProtected: protect,
            isRetained: retainOnDelete,
          }));
      }),
    up: (request = {}) => up(request),
    preview: (request = {}) => run("preview", request),
    destroy: (request = {}) => run("destroy", request),
    previewDestroy: (request = {}) => run("previewDestroy", request),
    unlock: () =>
      said(async () => {
        await stack.cancel();
        await forgetPendingCreations(stack);
        return `Lifted the lock of stack ${name} (pulumi cancel).`;
      }),
  };
}

/**
 * The engine records what an interrupted run was creating and warns of it in every later run, so that its user finds out
 * what became of it. This program finds that out itself. An import of the state drops such records.
 *
 * @see https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/backend/snapshot.go (read 2026-11)
 */
async function forgetPendingCreations(stack: Stack): Promise<void> {
  const exported = await stack.exportStack();
  const { pending_operations: pending } = pendingShape.parse(exported.deployment ?? {});
  if (pending.some(({ type }) => type === "creating")) await stack.importStack(exported);
}

async function openWorkspace(
  cli: PulumiCli,
  { projectDir, environment }: EngineOptions,
): Promise<LocalWorkspace> {
  // Loading takes a quarter of a second, so only runs with this engine pay for it.
  const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const path = pathFor(cli, environment["PATH"]);
  const found = process.env["PATH"];
  // The Automation API takes the CLI from its own process's PATH.
  process.env["PATH"] = path;
  try {
    const pulumiCommand = await PulumiCommand.get();
    return await LocalWorkspace.create({
      workDir: projectDir,
      pulumiCommand,
      envVars: exactly({ ...environment, PATH: path, PULUMI_SKIP_UPDATE_CHECK: "true" }),
    });
  } finally {
    process.env["PATH"] = found;
  }
}

/** The CLI inherits this process's variables; those that the environment does not name are taken out again. */
function exactly(environment: EngineOptions["environment"]): Record<string, string> {
  const absent = Object.keys(process.env).filter((name) => !(name in environment));
  // A variable that is undefined is left out when the process starts.
  return { ...environment, ...Object.fromEntries(absent.map((name) => [name, undefined])) } as Record<
    string,
    string
  >;
}

async function selectedStack(workspace: LocalWorkspace): Promise<string> {
  const selected = await inOurWords(() => workspace.stack(), "(none selected)");
  if (selected !== undefined) return selected.name;
  throw new UsageError(
    "No Pulumi stack is selected. Name one with --stack, or select it: pulumi stack select",
    { code: "STACK_MISSING" },
  );
}

type RunMode = "up" | "preview" | "destroy" | "previewDestroy";

async function runOnce(
  stack: Stack,
  mode: RunMode,
  { rotate, exclude, refresh, onProgress, signal }: RunRequest,
  { environment }: EngineOptions,
): Promise<EngineRun & { readonly hasPending: boolean }> {
  const record = pulumiRecord(mode === "preview" || mode === "previewDestroy", onProgress);
  const { workspace } = stack;
  if (rotate !== undefined) workspace.envVars["COPILOT_TOKEN_ROTATE"] = rotate;
  const shared = {
    color: "never" as const,
    userAgent: "copilot-token",
    suppressProgress: true,
    onEvent: (event: EngineEvent) => {
      record.take(event);
    },
    ...(exclude === undefined ? {} : { exclude: [...exclude] }),
    ...(refresh === true ? { refresh: true } : {}),
    ...(signal === undefined ? {} : { signal }),
  };
  try {
    if (mode !== "up") {
      if (mode === "destroy") await stack.destroy({ ...shared, continueOnError: true });
      else await (mode === "preview" ? stack.preview(shared) : stack.previewDestroy(shared));
      return { ok: true, outputs: undefined, ...told(record), failures: [] };
    }
    const { outputs } = await stack.up({ ...shared, continueOnError: true });
    const values = Object.entries(outputs).map(([key, { value, secret }]) => [
      key,
      secret ? "[secret]" : (value as unknown),
    ]);
    return { ok: true, outputs: Object.fromEntries(values), ...told(record), failures: [] };
  } catch (error) {
    const text = messageOf(error);
    // With steps behind it, the run is over and its resources have said why.
    const refusal = record.steps.length === 0 ? pulumiRefusal(text, stack.name, new Date()) : undefined;
    if (refusal !== undefined) throw refusal;
    if (!isCommandError(error)) throw error;
    const failures = record.failures.length > 0 ? record.failures : [{ message: lastWords(text) }];
    return { ok: false, outputs: undefined, ...told(record), failures };
  } finally {
    if (rotate !== undefined) restore(workspace.envVars, environment["COPILOT_TOKEN_ROTATE"]);
  }
}

function told({ steps, hasPending }: PulumiRecord): Pick<PulumiRecord, "steps" | "hasPending"> {
  return { steps, hasPending };
}

function restore(variables: Record<string, string>, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(variables, "COPILOT_TOKEN_ROTATE");
  else variables["COPILOT_TOKEN_ROTATE"] = value;
}

async function inOurWords<T>(work: () => Promise<T>, stack: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = pulumiRefusal(messageOf(error), stack, new Date());
    if (refusal !== undefined) throw refusal;
    if (!isCommandError(error)) throw error;
    throw new OperatorError("PULUMI_FAILED", `The Pulumi CLI failed: ${lastWords(messageOf(error))}`, {
      cause: error,
    });
  }
}

/** A CLI writes a salt or a new order of keys into the stack's file, which is the user's and lies in git. */
async function keepingFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = readIfThere(file);
  try {
    return await work();
  } finally {
    const after = readIfThere(file);
    if (before === undefined && after !== undefined) rmSync(file);
    else if (before !== undefined && after !== before) writeFileSync(file, before);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function isCommandError(error: unknown): error is Error {
  return (
    error instanceof Error && /Command(?:Error)?$|ConcurrentUpdateError|StackNotFoundError/.test(error.name)
  );
}

/** What the CLI called an error, else its last line: the rest is progress. */
function lastWords(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /^error: /.test(line)).map((line) => line.replace(/^error: /, ""));
  const [last = "it gave no reason"] = lines
    .filter((line) => line !== "" && !line.startsWith("err?:"))
    .slice(-1);
  return errors.length > 0 ? [...new Set(errors)].join(" ") : last;
}
