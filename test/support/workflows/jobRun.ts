import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { holds, interpolate, interpolateText, type Contexts } from "./expressions";
import { readAction, type Job, type Step, type Workflow } from "./workflowFiles";

/** A step that ran, or was left out by its condition. */
export interface StepResult {
  /** Its name, or what it uses or runs. */
  readonly name: string;
  readonly outcome: "success" | "failure" | "skipped";
  /** All that a `run` step wrote, to either stream. */
  readonly said: string;
}

/** One job of a matrix, ended. */
export interface JobResult {
  readonly ok: boolean;
  readonly steps: readonly StepResult[];
  /** All that its steps wrote. */
  readonly said: string;
  /** What its steps put on the run's page. */
  readonly summary: string;
  /** Names of the artifacts that it uploaded. */
  readonly artifacts: readonly string[];
  /** Names of the GitHub environment, and so the end of its OIDC subject; undefined without one. */
  readonly environment: string | undefined;
}

/** Where a job runs. */
export interface Runner {
  /** The checkout. */
  readonly workspace: string;
  /** Everything that the machine gives a step, the workflow's own variables aside. */
  readonly machine: Readonly<Record<string, string>>;
  /** Folder of programs that an action puts on PATH, by the action; others are there from the start. */
  readonly installs: Readonly<Record<string, string>>;
  /** Takes out of the workspace what an earlier job left there. */
  readonly checkOut: () => void;
  /** Where artifacts are kept, a folder each. */
  readonly artifactFolder: string;
  /** The variables by which a job with `id-token: write` asks for assertions. */
  readonly oidcVariables: (environment: string | undefined) => Promise<Readonly<Record<string, string>>>;
}

/** How a run was started. */
export interface Trigger {
  readonly event: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Of the repository, and of the environments, which go before them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly environmentVariables?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly repository: string;
}

/** Every combination of a job's matrix. */
export function matrixOf(job: Job, contexts: Contexts): Readonly<Record<string, unknown>>[] {
  const entries = Object.entries(job.strategy?.matrix ?? {});
  return entries.reduce<Readonly<Record<string, unknown>>[]>(
    (combinations, [key, values]) =>
      combinations.flatMap((combination) =>
        (interpolate(values, contexts) as unknown[]).map((value) => ({ ...combination, [key]: value })),
      ),
    [{}],
  );
}

/** Runs a job of a workflow as GitHub's runner does, for each combination of its matrix; none where its `if:` says so. */
export async function runJob(
  workflow: Workflow,
  jobId: string,
  runner: Runner,
  trigger: Trigger,
): Promise<JobResult[]> {
  const job = workflow.jobs[jobId];
  if (job === undefined) throw new Error(`${workflow.name} has no job ${jobId}`);
  const contexts = {
    github: githubContext(trigger),
    vars: trigger.variables,
    inputs: trigger.inputs ?? {},
    needs: {},
  };
  if (!holds(job.if, contexts)) return [];
  const results: JobResult[] = [];
  for (const matrix of matrixOf(job, contexts)) {
    results.push(await new JobRun(workflow, job, runner, trigger, { ...contexts, matrix }).run());
  }
  return results;
}

function githubContext({ event, repository }: Trigger): Readonly<Record<string, unknown>> {
  return {
    event_name: event,
    repository,
    ref: "refs/heads/main",
    run_id: "4711",
    server_url: "https://github.com",
    token: "token-of-the-run",
    event: { repository: { default_branch: "main" } },
  };
}

class JobRun {
  readonly #steps: StepResult[] = [];
  readonly #artifacts: string[] = [];
  readonly #temp: string;
  readonly #started: ChildProcess[] = [];
  readonly #installed: string[] = [];
  readonly #environment: string | undefined;
  readonly #contexts: Contexts;
  #oidc: Readonly<Record<string, string>> = {};

  constructor(
    private readonly workflow: Workflow,
    private readonly job: Job,
    private readonly runner: Runner,
    private readonly trigger: Trigger,
    contexts: Contexts,
  ) {
    this.#temp = mkdtempSync(join(runner.workspace, "..", "temp-"));
    const environment =
      job.environment === undefined ? undefined : interpolateText(job.environment, contexts);
    this.#environment = environment;
    const own = environment === undefined ? {} : trigger.environmentVariables?.[environment];
    this.#contexts = { ...contexts, vars: { ...trigger.variables, ...own }, secrets: {} };
    writeFileSync(this.#summaryFile, "");
  }

  async run(): Promise<JobResult> {
    if (this.job.permissions?.["id-token"] === "write") {
      this.#oidc = await this.runner.oidcVariables(this.#environment);
    }
    const env = { ...this.#texts(this.workflow.env ?? {}), ...this.#texts(this.job.env ?? {}) };
    const progress: Progress = { failed: false };
    try {
      await this.#runSteps(this.job.steps, this.#contexts, env, progress);
    } finally {
      for (const { pid } of this.#started) endGroup(pid);
    }
    return {
      ok: !progress.failed,
      steps: this.#steps,
      said: this.#steps.map(({ said }) => said).join(""),
      summary: readFileSync(this.#summaryFile, "utf8"),
      artifacts: this.#artifacts,
      environment: this.#environment,
    };
  }

  get #summaryFile(): string {
    return join(this.#temp, "summary.md");
  }

  #texts(values: Readonly<Record<string, unknown>>, contexts = this.#contexts): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, interpolateText(value, contexts)]),
    );
  }

  /** @returns the outputs of the steps, by ID. */
  async #runSteps(
    steps: readonly Step[],
    contexts: Contexts,
    env: Readonly<Record<string, string>>,
    progress: Progress,
  ) {
    const outputs: Record<string, { outputs: Readonly<Record<string, string>> }> = {};
    for (const step of steps) {
      const here = { ...contexts, env, steps: outputs, runner: { temp: this.#temp } };
      const name = step.name ?? step.uses ?? step.run?.split("\n")[0] ?? "";
      const hasFile = (file: string): boolean => existsSync(join(this.runner.workspace, file));
      if (!holds(step.if, here, { ...progress, hasFile })) {
        this.#steps.push({ name, outcome: "skipped", said: "" });
        continue;
      }
      const own = { ...env, ...this.#texts(step.env ?? {}, here) };
      const given = this.#texts(step.with ?? {}, here);
      const done =
        step.uses === undefined ? await this.#runShell(step, own) : await this.#use(step.uses, given, own);
      this.#steps.push({ name, outcome: done.ok ? "success" : "failure", said: done.said ?? "" });
      if (!done.ok) progress.failed = true;
      if (step.id !== undefined) outputs[step.id] = { outputs: done.outputs ?? {} };
    }
    return outputs;
  }

  async #use(
    action: string,
    given: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): Promise<StepEnd> {
    if (action.startsWith("./.github/actions/")) return await this.#useOwn(basename(action), given, env);
    const [name = ""] = action.split("@");
    const program = this.runner.installs[name];
    if (program !== undefined) this.#installed.push(program);
    else if (name === "actions/upload-artifact") return this.#upload(given);
    else if (name === "actions/checkout") this.runner.checkOut();
    else if (name !== "actions/setup-node") throw new Error(`the test has no substitute for ${action}`);
    return { ok: true };
  }

  async #useOwn(
    name: string,
    given: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): Promise<StepEnd> {
    const action = readAction(name);
    const declared = Object.entries(action.inputs ?? {});
    const strange = Object.keys(given).filter((key) => !declared.some(([known]) => known === key));
    const missing = declared.filter(([key, { required }]) => required === true && given[key] === undefined);
    if (strange.length + missing.length > 0)
      throw new Error(`${name}: wrong inputs ${JSON.stringify(given)}`);
    const inputs = Object.fromEntries(
      declared.map(([key, input]) => [key, given[key] ?? input.default ?? ""]),
    );
    // An action sees its inputs and the run, never the workflow's own inputs, variables or matrix; and its steps go by
    // the action's own progress, so that one which tells of a failure runs.
    const contexts = { github: this.#contexts["github"], inputs };
    const progress: Progress = { failed: false };
    const steps = await this.#runSteps(action.runs.steps, contexts, env, progress);
    const ends = { ...contexts, steps: { ...noOutputs(action.runs.steps), ...steps } };
    const outputs = Object.entries(action.outputs ?? {}).map(
      ([key, { value }]) => [key, interpolateText(value, ends)] as const,
    );
    return { ok: !progress.failed, outputs: Object.fromEntries(outputs) };
  }

  #upload(given: Readonly<Record<string, string>>): StepEnd {
    const name = given["name"] ?? "artifact";
    const paths = (given["path"] ?? "").split("\n").map((path) => path.trim());
    const there = paths.filter((path) => path !== "" && existsSync(join(this.runner.workspace, path)));
    const folder = join(this.runner.artifactFolder, name);
    mkdirSync(folder, { recursive: true });
    for (const path of there) cpSync(join(this.runner.workspace, path), join(folder, basename(path)));
    if (there.length > 0) this.#artifacts.push(name);
    return { ok: there.length > 0 || given["if-no-files-found"] !== "error" };
  }

  async #runShell({ run = "", shell }: Step, env: Readonly<Record<string, string>>): Promise<StepEnd> {
    // The packages are there.
    if (run.trim() === "npm ci") return { ok: true };
    const script = join(this.#temp, `step-${this.#started.length}.sh`);
    const outputFile = `${script}.output`;
    writeFileSync(script, run);
    writeFileSync(outputFile, "");
    // https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell (read 2026-11)
    const words = shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail", script] : ["-e", script];
    const machine = this.runner.machine;
    const child = spawn("bash", words, {
      cwd: this.runner.workspace,
      env: {
        ...machine,
        PATH: [...this.#installed, machine["PATH"] ?? ""].join(delimiter),
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_EVENT_NAME: this.trigger.event,
        GITHUB_REPOSITORY: this.trigger.repository,
        GITHUB_RUN_ID: "4711",
        GITHUB_WORKSPACE: this.runner.workspace,
        GITHUB_STEP_SUMMARY: this.#summaryFile,
        GITHUB_OUTPUT: outputFile,
        RUNNER_TEMP: this.#temp,
        ...this.#oidc,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
      // What a step leaves running ends with the job.
      detached: true,
    });
    this.#started.push(child);
    const outputs = (text: string): Record<string, string> =>
      Object.fromEntries(
        text.split("\n").flatMap((line) => {
          const [, key, value] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
          return key === undefined || value === undefined ? [] : [[key, value]];
        }),
      );
    return { ...(await ended(child)), outputs: outputs(readFileSync(outputFile, "utf8")) };
  }
}

/** Of a job, or of an action within it. */
interface Progress {
  failed: boolean;
}

interface StepEnd {
  readonly ok: boolean;
  readonly said?: string;
  readonly outputs?: Readonly<Record<string, string>>;
}

function noOutputs(steps: readonly Step[]): Record<string, { outputs: object }> {
  return Object.fromEntries(steps.flatMap(({ id }) => (id === undefined ? [] : [[id, { outputs: {} }]])));
}

function ended(child: ChildProcess): Promise<{ ok: boolean; said: string }> {
  return new Promise((resolve, reject) => {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ ok: code === 0, said });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
