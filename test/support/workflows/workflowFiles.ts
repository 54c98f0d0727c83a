import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A step as the file has it; expressions are still text. */
export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly "runs-on": string;
  readonly "timeout-minutes"?: number;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly strategy?: {
    readonly "fail-fast"?: boolean;
    readonly matrix?: Readonly<Record<string, unknown>>;
  };
  readonly env?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
  readonly secrets?: unknown;
}

export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** An action of this repository: steps that several jobs share. */
export interface CompositeAction {
  readonly name: string;
  readonly inputs?: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const workflowFolder = join(".github", "workflows");
const actionFolder = join(".github", "actions");

/** Names of the workflow files, such as `deploy.yml`. */
export function workflowNames(): string[] {
  return readdirSync(workflowFolder).sort();
}

/** Names of the repository's own actions, such as `set-up`. */
export function actionNames(): string[] {
  return readdirSync(actionFolder).sort();
}

export function readWorkflow(name: string): Workflow {
  return parse(workflowText(name)) as Workflow;
}

export function workflowText(name: string): string {
  return readFileSync(join(workflowFolder, name), "utf8");
}

export function readAction(name: string): CompositeAction {
  return parse(actionText(name)) as CompositeAction;
}

export function actionText(name: string): string {
  const file = join(actionFolder, name, "action.yml");
  if (!existsSync(file)) throw new Error(`${file} is not there`);
  return readFileSync(file, "utf8");
}
