import { describe, expect, it } from "vitest";
import { matrixOf } from "../support/workflows/jobRun";
import { interpolate } from "../support/workflows/expressions";
import { workflowFaults } from "../support/workflows/workflowFaults";
import {
  actionNames,
  actionText,
  readAction,
  readWorkflow,
  workflowNames,
  workflowText,
  type Job,
  type Step,
} from "../support/workflows/workflowFiles";

/** Every step of this repository's workflows and actions, under the name of its file. */
const steps: readonly (readonly [file: string, step: Step])[] = [
  ...workflowNames().flatMap((file) =>
    Object.values(readWorkflow(file).jobs).flatMap((job) => job.steps.map((step) => [file, step] as const)),
  ),
  ...actionNames().flatMap((name) => readAction(name).runs.steps.map((step) => [name, step] as const)),
];
const jobs: readonly (readonly [file: string, id: string, job: Job])[] = workflowNames().flatMap((file) =>
  Object.entries(readWorkflow(file).jobs).map(([id, job]) => [file, id, job] as const),
);
const texts: readonly (readonly [file: string, text: string])[] = [
  ...workflowNames().map((file) => [file, workflowText(file)] as const),
  ...actionNames().map((name) => [name, actionText(name)] as const),
];
const ofStack = jobs.filter(([, , { strategy }]) => strategy !== undefined);

const withoutComments = (text: string): string => text.replace(/(^|\s)#.*$/gm, "");

describe("a workflow", () => {
  it.each(workflowNames())("is one by GitHub's own schema and expressions: %s", (file) => {
    expect(workflowFaults(file, workflowText(file))).toEqual([]);
  });

  it.each([
    ["a key that there is not", "on: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n"],
    [
      "a context that there is not",
      "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{ run: 'echo ${{ nope.x }}' }]\n",
    ],
  ])("is none with %s", (_what, content) => {
    expect(workflowFaults("w.yml", content)).not.toEqual([]);
  });

  it("is started by nothing that brings a stranger's code to this repository's rights", () => {
    const triggers = workflowNames().flatMap((file) => Object.keys(readWorkflow(file).on));
    expect(new Set(triggers)).toEqual(new Set(["pull_request", "push", "schedule", "workflow_dispatch"]));
  });

  it("holds no right but those that a job names, and no job more than it needs", () => {
    expect(workflowNames().map((file) => readWorkflow(file).permissions)).toEqual(
      workflowNames().map(() => ({})),
    );
    const rights = jobs.map(([file, id, { permissions = {} }]) => [
      `${file} ${id}`,
      Object.entries(permissions).map(([name, level]) => `${name}: ${level}`),
    ]);
    expect(Object.fromEntries(rights)).toEqual({
      "deploy.yml deploy": ["contents: read", "id-token: write", "issues: write"],
      "preview.yml preview": ["contents: read", "id-token: write"],
      "pull-request.yml check": ["contents: read"],
      "rotate.yml rotate": ["contents: read", "id-token: write", "issues: write"],
      "verify.yml verify": ["contents: read", "actions: read", "id-token: write", "issues: write"],
    });
  });

  it("knows no secret", () => {
    expect(
      texts
        .filter(([, text]) => /\bsecrets\s*(?:\.\s*\w|\[|:)/.test(withoutComments(text)))
        .map(([file]) => file),
    ).toEqual([]);
  });

  it("pins every action of others by its full hash, one hash an action, and says which version that is", () => {
    const used = texts.flatMap(([file, text]) =>
      [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action = ""]) => [file, action] as const),
    );
    const others = used.filter(([, action]) => !action.startsWith("./.github/actions/"));
    expect(
      others.filter(([, action]) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)),
    ).toEqual([]);
    const pins = [...new Set(others.map(([, action]) => action))].sort();
    expect(pins.map((pin) => pin.split("@")[0])).toEqual([
      "actions/checkout",
      "actions/setup-node",
      "actions/upload-artifact",
      "pulumi/actions",
      "pulumi/auth-actions",
    ]);
  });

  it("uses only actions of its own that are there", () => {
    const own = steps.flatMap(([, { uses = "" }]) => /^\.\/\.github\/actions\/(.+)$/.exec(uses)?.[1] ?? []);
    expect([...new Set(own)].sort()).toEqual(actionNames());
  });

  it("leaves no token of GitHub's in the checkout", () => {
    const checkouts = steps.filter(([, { uses = "" }]) => uses.startsWith("actions/checkout@"));
    expect(checkouts).toHaveLength(jobs.length);
    expect(checkouts.filter(([, step]) => step.with?.["persist-credentials"] !== false)).toEqual([]);
    expect(checkouts.filter(([, step]) => step.with?.["ref"] !== undefined)).toEqual([]);
  });

  it("puts no expression into the text of a script, where a value could become a command", () => {
    expect(steps.filter(([, { run = "" }]) => run.includes("${{")).map(([file]) => file)).toEqual([]);
  });

  it("writes to neither the environment nor the PATH of later steps", () => {
    expect(
      steps.filter(([, { run = "" }]) => /GITHUB_(?:ENV|PATH)\b/.test(run)).map(([file]) => file),
    ).toEqual([]);
  });

  it("names a bash for each script of an action, as actions must", () => {
    const scripts = actionNames().flatMap((name) =>
      readAction(name).runs.steps.filter(({ run }) => run !== undefined),
    );
    expect(scripts.filter(({ shell }) => shell !== "bash")).toEqual([]);
  });

  it("ends by itself", () => {
    expect(jobs.filter(([, , job]) => (job["timeout-minutes"] ?? 360) > 60).map(([file]) => file)).toEqual(
      [],
    );
  });
});

describe("a job of a stack", () => {
  const variables = {
    PULUMI_STACKS: JSON.stringify(Array.from({ length: 100 }, (_, index) => `agent-${index}`)),
  };
  const contextsOf = (vars: Readonly<Record<string, string>>, stack = "") => ({ vars, inputs: { stack } });

  it.each(ofStack)("runs for each stack of the one list, or for the one asked for: %s", (_file, _id, job) => {
    const stacksOf = (vars: Readonly<Record<string, string>>, stack?: string): unknown[] =>
      matrixOf(job, contextsOf(vars, stack)).map((combination) => combination["stack"]);
    expect(stacksOf(variables)).toHaveLength(100);
    expect(stacksOf(variables, "agent-7")).toEqual(["agent-7"]);
    // Left out by its condition; the list must be one all the same.
    expect(stacksOf({})).toEqual(["none"]);
    expect([job.if, job.strategy?.["fail-fast"]]).toEqual(["vars.PULUMI_STACKS != ''", false]);
  });

  it.each(ofStack)(
    "signs in by an environment of the workflow, or of the stack where asked: %s",
    (file, _id, job) => {
      const purpose = file.replace(".yml", "");
      const environment = (vars: Readonly<Record<string, string>>): unknown =>
        interpolate(job.environment, { vars, matrix: { stack: "agent-7" } });
      expect(environment({})).toBe(purpose);
      expect(environment({ ENVIRONMENT_PER_STACK: "true" })).toBe(`agent-7-${purpose}`);
    },
  );

  it("that changes the stack waits for any other that does, and is not thrown out of the queue", () => {
    const groups = ofStack.map(([file, , { concurrency }]) => [file, concurrency]);
    const one = { group: "stack-${{ matrix.stack }}", queue: "max", "cancel-in-progress": false };
    expect(Object.fromEntries(groups)).toEqual({
      "deploy.yml": one,
      "preview.yml": undefined,
      "rotate.yml": one,
      "verify.yml": undefined,
    });
  });

  it("that verifies has no way to the state", () => {
    const text = workflowText("verify.yml");
    expect(text).not.toMatch(/PULUMI_BACKEND_URL|sign-in-to-state|PULUMI_ORGANIZATION|AZURE_FEDERATED/);
  });

  it.each(ofStack.filter(([file]) => file !== "verify.yml"))(
    "names the stack as Pulumi Cloud does where an organization is set: %s",
    (_file, _id, job) => {
      const stackOf = (vars: Readonly<Record<string, string>>): unknown =>
        interpolate(job.env?.["PULUMI_STACK"], { vars, matrix: { stack: "prod" } });
      expect([stackOf({}), stackOf({ PULUMI_ORGANIZATION: "contoso" })]).toEqual(["prod", "contoso/prod"]);
    },
  );
});
