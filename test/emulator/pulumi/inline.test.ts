import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeployOptions } from "../../../emulator/pulumi/inline";
import { lockStack, unlockStack } from "../../../emulator/pulumi/stackLock";
import type { StackState } from "../../../emulator/pulumi/stackState";
import {
  bundledEntry,
  runProgram,
  runProgramHere,
  stepsOf,
  testStack,
  type TestRun,
} from "../../support/inlineEngine";

interface Planned {
  name: string;
  value: string;
  secret?: boolean;
  dependsOn?: string[];
  from?: string;
  options?: object;
}

let folder: string;
let state: StackState;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "inline-engine-"));
  state = testStack();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the recording program with a plan. */
function record(
  plan: Planned[],
  options: Partial<DeployOptions> = {},
  refuse = "",
  run = runProgramHere,
): Promise<TestRun> {
  const config = {
    "test:plan": JSON.stringify(plan),
    "test:record": join(folder, "record"),
    "test:refuse": refuse,
  };
  return run("recorder", state, { ...options, config });
}

/** What the providers were told to do since the last look. */
function recorded(): string[] {
  const file = join(folder, "record");
  try {
    return readFileSync(file, "utf8").trim().split("\n");
  } catch {
    return [];
  } finally {
    rmSync(file, { force: true });
  }
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf(":") + 1);
const namesIn = (stack: StackState): string[] =>
  stack
    .checkpoint()
    .resources.filter(({ custom }) => custom)
    .map(({ name }) => name);

describe("deploy", () => {
  it("creates in the order of dependencies, waits for a component's children, and masks secret outputs", async () => {
    const run = await runProgram("basics", state);

    expect(stepsOf(run)).toEqual(["create pair-one", "create pair-other", "create after"]);
    expect(run).toMatchObject({ ok: true, failures: [], printed: "" });
    expect(run.outputs).toEqual({
      joined: expect.stringMatching(/^.{4}\/.{4}$/),
      after: expect.stringMatching(/^.{4}$/),
      hidden: "[secret]",
      plain: 1,
    });
    const types = state.checkpoint().resources.map(({ urn }) => urn.split("::")[2]);
    expect(types).toEqual([
      "pulumi:pulumi:Stack",
      "test:index:Pair",
      "test:index:Pair$random:index/randomString:RandomString",
      "test:index:Pair$random:index/randomString:RandomString",
      "random:index/randomString:RandomString",
    ]);
  });

  it("changes nothing when nothing changed", async () => {
    const first = await runProgramHere("basics", state);
    const before = state.checkpoint();
    const second = await runProgramHere("basics", state);

    expect(second.changes).toEqual({ create: 0, update: 0, same: 3, import: 0, delete: 0, forget: 0 });
    expect(second.outputs).toEqual(first.outputs);
    expect(state.checkpoint().resources).toEqual(before.resources);
  });

  it("keeps a resource that the program names anew under an alias, and what depends on it", async () => {
    const plan = (name: string, options?: object): Planned[] => [
      { name, value: "a", ...(options === undefined ? {} : { options }) },
      { name: "dependent", value: "b", dependsOn: [name] },
    ];
    await record(plan("before"));
    recorded();
    const run = await record(plan("after", { aliases: [{ name: "before" }] }));
    expect(run.ok).toBe(true);
    expect(recorded()).toEqual([]);
    expect(namesIn(state)).toEqual(["after", "dependent"]);
  });

  it("updates what changed and what depends on it", async () => {
    const plan = (value: string): Planned[] => [
      { name: "source", value },
      { name: "bystander", value: "b" },
      { name: "dependent", value: "", from: "source" },
    ];
    await record(plan("one"));
    recorded();
    const run = await record(plan("two"));

    expect(recorded()).toEqual(["update source", "update dependent"]);
    expect(run.changes).toMatchObject({ update: 2, same: 1 });
    expect(run.outputs["echoes"]).toMatchObject({ dependent: "echo of echo of two" });
  });

  it("lets what does not depend on a failure finish, names the failure, and converges later", async () => {
    const plan: Planned[] = [
      { name: "base", value: "1" },
      { name: "doomed", value: "2", dependsOn: ["base"] },
      { name: "behind", value: "3", dependsOn: ["doomed"] },
      { name: "fed", value: "", from: "doomed" },
      { name: "apart", value: "4", dependsOn: ["base"] },
    ];
    const failed = await record(plan, {}, "create doomed");

    expect(recorded()).toEqual(["create base", "create apart"]);
    expect(failed.ok).toBe(false);
    expect(failed.failures).toEqual([
      {
        urn: "urn:pulumi:test::copilot-token::pulumi-nodejs:dynamic:Resource::doomed",
        type: "pulumi-nodejs:dynamic:Resource",
        name: "doomed",
        message: "doomed is refused",
      },
    ]);
    expect(failed.outputs).toEqual({});

    const repaired = await record(plan);
    // The last two wait for the same one, and for none of each other.
    const [first, ...rest] = recorded();
    expect([first, ...rest.sort()]).toEqual(["create doomed", "create behind", "create fed"]);
    // The failed run published nothing, so this one counts as the first.
    expect(repaired.outputs["run"]).toBe(1);
    expect((await record(plan)).outputs["run"]).toBe(2);
  });

  it("reports invalid inputs by property", async () => {
    const run = await record([{ name: "web", value: "invalid" }]);

    expect(run.failures.map(({ name, message }) => [name, message])).toEqual([
      ["web", "value: It is invalid."],
    ]);
  });

  it("replaces a dynamic resource whose value cannot change in place", async () => {
    await record([{ name: "web", value: "one" }]);
    recorded();
    const run = await record([{ name: "web", value: "another" }]);

    expect([run.failures, recorded()]).toEqual([[], ["create web", "delete web"]]);
    expect(namesIn(state)).toEqual(["web"]);
  });

  it("deletes what is no longer there, what depends before what it depends on", async () => {
    await record([
      { name: "base", value: "1" },
      { name: "middle", value: "2", dependsOn: ["base"] },
      { name: "stays", value: "3" },
      { name: "top", value: "4", dependsOn: ["middle"] },
    ]);
    recorded();
    const run = await record([{ name: "stays", value: "3" }]);

    expect(recorded()).toEqual(["delete top", "delete middle", "delete base"]);
    expect(run.changes).toMatchObject({ delete: 3, same: 1 });
    expect(namesIn(state)).toEqual(["stays"]);
  });

  it("deletes nothing after a failure", async () => {
    await record([{ name: "old", value: "1" }]);
    recorded();
    await record([{ name: "new", value: "2" }], {}, "create new");

    expect(recorded()).toEqual([]);
    expect(namesIn(state)).toEqual(["old"]);
  });

  it("keeps what a resource that cannot be deleted rests on", async () => {
    await record([
      { name: "base", value: "1" },
      { name: "stuck", value: "2", dependsOn: ["base"] },
      { name: "loose", value: "3" },
    ]);
    recorded();
    writeFileSync(join(folder, "record.refuse"), "stuck");
    const run = await record([]);

    expect(run.failures.map(({ name, message }) => [name, message])).toEqual([["stuck", "stuck cannot go"]]);
    expect(recorded()).toEqual(["delete loose"]);
    expect(namesIn(state)).toEqual(["base", "stuck"]);
  });

  it("forgets what is retained, ignores what is told to be ignored, and keeps what is protected", async () => {
    const kept = { name: "kept", value: "1", options: { retainOnDelete: true } };
    const still = (value: string): Planned => ({
      name: "still",
      value,
      options: { ignoreChanges: ["value"] },
    });
    const guarded = { name: "guarded", value: "3", options: { protect: true } };
    await record([kept, still("2"), guarded]);
    recorded();

    const run = await record([still("other")]);
    expect(recorded()).toEqual([]);
    expect(run.changes).toMatchObject({ forget: 1, same: 1, delete: 0 });
    expect(run.failures.map(({ name }) => name)).toEqual(["guarded"]);
    expect(run.failures[0]?.message).toContain("protected");
    expect(namesIn(state)).toEqual(["guarded", "still"]);
  });

  it("previews without touching anything", async () => {
    await record([{ name: "web", value: "1" }]);
    recorded();
    const before = state.checkpoint();
    const run = await record(
      [
        { name: "fresh", value: "2" },
        { name: "fed", value: "", from: "fresh" },
        { name: "web", value: "changed" },
      ],
      { preview: true },
    );

    expect(run.ok).toBe(true);
    expect(stepsOf(run).sort()).toEqual(["create fed", "create fresh", "update web"]);
    expect(recorded()).toEqual([]);
    expect(state.checkpoint()).toEqual(before);
  });

  it("destroys everything in reverse, and nothing while one is protected", async () => {
    const base = { name: "base", value: "1" };
    const top = { name: "top", value: "2", dependsOn: ["base"] };
    await record([base, { ...top, options: { protect: true } }]);
    recorded();
    expect(await record([], { destroy: true })).toMatchObject({ ok: false, changes: { delete: 0 } });
    expect(recorded()).toEqual([]);

    await record([base, top]);
    expect(await record([], { destroy: true })).toMatchObject({ ok: true, changes: { delete: 2 } });
    expect(recorded()).toEqual(["delete top", "delete base"]);
    expect(state.checkpoint()).toMatchObject({ resources: [], outputs: {} });
  });

  it("writes the outputs of a successful run to a file, and of no other", async () => {
    const outputsFile = join(folder, "out", "outputs.json");
    await record([{ name: "web", value: "1" }], { outputsFile });
    await record([{ name: "web", value: "invalid" }], { outputsFile });

    expect(JSON.parse(readFileSync(outputsFile, "utf8"))).toEqual({ run: 1, echoes: { web: "echo of 1" } });
  });

  it("keeps a secret out of state, events and output, and still sees that it is the same", async () => {
    const file = join(folder, "stack.json");
    state = testStack(file);
    const plan: Planned[] = [
      { name: "holder", value: "p4ssw0rd", secret: true, options: { additionalSecretOutputs: ["echo"] } },
      { name: "fed", value: "", from: "holder", options: { additionalSecretOutputs: ["echo"] } },
    ];
    const run = await record(plan, {}, "", runProgram);
    const everything = JSON.stringify([run, state.checkpoint()]) + readFileSync(file, "utf8");

    expect(run.ok).toBe(true);
    expect(everything).not.toContain("p4ssw0rd");
    state = testStack(file);
    expect((await record(plan)).changes).toMatchObject({ same: 2, update: 0 });
  });

  it("works on a stack alone: a second run is told who is at it, and --unlock lifts a dead one's lock", async () => {
    const file = join(folder, "stack.json");
    state = testStack(file);
    const unlock = lockStack(file);
    const plan = [{ name: "web", value: "1" }];

    await expect(record(plan)).rejects.toThrow(
      expect.objectContaining({
        code: "STACK_LOCKED",
        message: expect.stringContaining(`process ${process.pid}`),
      }),
    );
    expect(await record(plan, { preview: true })).toMatchObject({ ok: true });
    unlock();
    expect(await record(plan)).toMatchObject({ ok: true, changes: { create: 1 } });

    const dead = { processId: 2 ** 22 + 1, host: hostname(), since: "2026-11-22T10:00:00.000Z" };
    writeFileSync(`${file}.lock`, JSON.stringify(dead));
    await expect(record(plan)).rejects.toThrow("which runs no longer, since 2026-11-22T10:00:00.000Z");
    unlockStack(file);
    expect(await record(plan)).toMatchObject({ ok: true, changes: { same: 1 } });
  });

  it("loses nothing when the run is killed, and tells the next one where it was", async () => {
    const plan: Planned[] = [
      { name: "done", value: "1" },
      { name: "cut", value: "kill", dependsOn: ["done"] },
    ];
    const killed = await record(plan, {}, "", runProgram);
    expect(killed.failures.map(({ message }) => message)).toEqual([
      "The engine's process ended before its work did (SIGKILL). Run it again.",
    ]);
    expect(recorded()).toEqual(["create done", "create cut"]);
    expect(namesIn(state)).toEqual(["done"]);

    const next = await record([plan[0] ?? { name: "done", value: "1" }]);
    const [told] = next.events;
    expect(
      told?.kind === "interrupted" && told.operations.map(({ urn, operation }) => [nameOf(urn), operation]),
    ).toEqual([["cut", "create"]]);
    expect(next).toMatchObject({ ok: true, changes: { same: 1, create: 0 } });
  });
});

describe("deploy, when the program is wrong", () => {
  const broken = (kind: string): Promise<TestRun> =>
    runProgram("broken", state, { config: { "test:kind": kind } });

  it.each([
    ["operator", "Set it otherwise."],
    ["run", "Ends with this alone."],
  ])("passes on an error meant for the operator (%s) with its message alone", async (kind, message) => {
    const run = await broken(kind);

    expect(run).toMatchObject({ ok: false, printed: "", failures: [{ message }] });
    expect(run.failures[0]).not.toHaveProperty("stack");
    // What was registered before is neither lost nor deleted.
    expect(namesIn(state)).toEqual(["made"]);
  });

  it("keeps the stack of an unexpected error, with positions in the source", async () => {
    const run = await broken("bug");

    expect(run.failures.map(({ message }) => message)).toEqual(["nobody foresaw this"]);
    const source = readFileSync("test/emulator/pulumi/programs/broken.ts", "utf8").split("\n");
    const line = source.findIndex((text) => text.includes("nobody foresaw this")) + 1;
    expect(run.failures[0]?.stack).toContain(
      `${resolve("test/emulator/pulumi/programs/broken.ts")}:${line}:`,
    );
  });

  it("ends at once when an apply throws", async () => {
    const run = await broken("apply");

    expect(run.failures.map(({ message }) => message)).toEqual([
      'error serializing property "keepers": thrown in an apply',
    ]);
    expect(namesIn(state)).toEqual(["made"]);
  });

  it("ends a program that waits for good after an error", async () => {
    expect((await broken("waits")).failures.map(({ message }) => message)).toEqual(["and the rest waits"]);
  });

  it("names types and functions that it does not know", async () => {
    const byType = await broken("unknownType");
    const byFunction = await broken("unknownFunction");

    expect(byType.failures[0]?.message).toContain('no provider for "nowhere:index:Thing"');
    expect(byFunction.failures[0]?.message).toContain('no provider for "nowhere:index:nothing"');
  });

  it("fails with a program that logs an error, which is in what it printed", async () => {
    const run = await broken("logs");

    expect(run.failures).toEqual([{ message: "The program logged an error." }]);
    expect(run.printed).toContain("it is amiss");
  });

  it("refuses two resources of one name", async () => {
    expect((await broken("twice")).failures[0]?.message).toContain("Give one of them another name");
  });

  it("names the place of a syntax error", async () => {
    writeFileSync(join(folder, "index.ts"), "const = 1;\n");
    const run = await runProgram("basics", state, { program: join(folder, "index.ts") });

    expect(run.failures[0]?.message).toMatch(/index\.ts:1:6: /);
  });
});

describe("the engine's process", () => {
  it("ends at once when its parent process is killed", async () => {
    const entry = bundledEntry("inlineUp");
    // Work that is under way, which alone would keep the process alive.
    const busy = "data:text/javascript,setInterval(() => {}, 1000)";
    const starter = `
      const child = require("node:child_process").fork(${JSON.stringify(entry)}, [], {
        execArgv: ["--import", ${JSON.stringify(busy)}],
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      child.once("spawn", () => console.log(child.pid));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["-e", starter], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(parent.stdout, "data")) as [Buffer];
    expect(Number(said)).toBeGreaterThan(0);
    parent.kill("SIGKILL");
    // Both hold the pipe's end: it closes when both are gone.
    await once(parent, "close");
  });
});
