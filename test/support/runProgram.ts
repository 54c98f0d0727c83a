import { clouds } from "../../core/cloud/clouds";
import * as pulumi from "@pulumi/pulumi";
import { OperatorError } from "../../core/errors";
import { judgeSettings } from "../../core/settings/settings";
import type { Run } from "../../infra/plan/stackPlan";
import { deploy } from "../../infra/program";
import { azureFunctions, createInAzure } from "./azureMocks";
import { fakeDirectory } from "./fakeDirectory";
import { inOrder, recordResources, type Mocks, type Recording } from "./recordResources";

/** When a test's program runs, unless it says otherwise. */
export const runsAt = new Date("2026-11-22T10:00:00.250Z");

/** A run of the program with some settings, in a tenant that has nothing yet. */
export const runOf = (settings: Record<string, unknown> = {}, more: Partial<Run> = {}): Run => ({
  judged: judgeSettings(settings),
  cloud: clouds.public,
  now: runsAt,
  rotate: undefined,
  ownSignIn: [],
  directory: fakeDirectory().directory,
  ...more,
});

export interface Deployed extends Recording {
  /** As `pulumi stack output --json` shows them. */
  readonly stackOutputs: Record<string, unknown>;
}

/** Runs the program as the engine does: below a stack, until nothing is left to register. */
export async function deployed(run: Run, mocks: Mocks = {}): Promise<Deployed> {
  const recording = await recordResources({
    create: createInAzure,
    ...mocks,
    functions: { ...azureFunctions, ...mocks.functions },
  });
  await pulumi.runtime.runInPulumiStack(() => deploy(run));
  await recording.settled();
  const stackOutputs = recording.outputs.get("pulumi:pulumi:Stack::copilot-token-test") ?? {};
  return { ...recording, stackOutputs };
}

export interface Refusal {
  readonly code: string;
  /** Keys of the settings that the message names, without their prefix. */
  readonly keys: readonly string[];
  readonly message: string;
}

/** Runs a program that is to be refused before it registers anything; fails where it is not. */
export async function refused(run: Run, mocks: Mocks = {}): Promise<Refusal> {
  const { resources } = await recordResources({
    create: createInAzure,
    ...mocks,
    functions: { ...azureFunctions, ...mocks.functions },
  });
  const error: unknown = await deploy(run).then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof OperatorError)) throw error;
  // The stack's ID is registered before the apps are looked up; it changes nothing in Azure.
  const others = resources.filter(({ type }) => type !== "random:index/randomUuid:RandomUuid");
  if (others.length > 0) throw new Error(`registered before: ${others.map(({ type }) => type).join()}`);
  const keys = [...error.message.matchAll(/^ {2}copilot-token:(\S+):/gm)].map(([, key = ""]) => key);
  return { code: error.code, keys, message: error.message };
}

/** Every registration as `type::name < parent`, without the names of packages. */
export function tree({ resources }: Recording): string[] {
  const short = (text: string): string => text.replace(/^.*:(?=\w+::)/, "");
  return inOrder(resources)
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .map(({ type, name, parent = "" }) => `${short(`${type}::${name}`)} < ${short(parent)}`);
}
