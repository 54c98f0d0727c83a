import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineProcesses, runProgram, testStack, type TestRun } from "../../support/inlineEngine";

/** Tells which process runs it with which variables, and fails where it is asked to. */
const program = `
  console.log(JSON.stringify({
    pid: process.pid,
    rotate: process.env.COPILOT_TOKEN_ROTATE,
    clientId: process.env.ARM_CLIENT_ID,
    path: process.env.PATH,
  }));
  console.error("x".repeat(200_000));
  if (process.env.COPILOT_TOKEN_ROTATE === "refused") throw new Error("it is refused");
  if (process.env.COPILOT_TOKEN_ROTATE === "unhandled") void Promise.reject(new Error("nothing handles it"));
  if (process.env.COPILOT_TOKEN_ROTATE === "logged") require("@pulumi/pulumi").log.error("it is logged");
`;

describe("the engine's processes", () => {
  let folder: string;
  beforeAll(() => {
    mkdirSync("node_modules/.cache/copilot-token", { recursive: true });
    folder = mkdtempSync(resolve("node_modules/.cache/copilot-token/engine-process-"));
    writeFileSync(join(folder, "index.ts"), program);
  });
  afterAll(() => {
    engineProcesses().close();
    rmSync(folder, { recursive: true });
  });

  async function run(environment: Record<string, string>, signal?: AbortSignal): Promise<TestRun> {
    return runProgram("basics", testStack(), {
      program: join(folder, "index.ts"),
      environment: { PATH: process.env["PATH"], ...environment },
      processes: engineProcesses(),
      ...(signal === undefined ? {} : { signal }),
    });
  }
  const printedBy = (ran: TestRun): Record<string, unknown> =>
    JSON.parse(ran.printed.split("\n").find((line) => line.startsWith("{")) ?? "{}") as Record<
      string,
      unknown
    >;
  /** What a run printed has to be all there when it is over, and in its own events. */
  const isWhole = ({ printed }: TestRun): boolean =>
    printed.includes(`${"x".repeat(200_000)}\n`) && printed.split("{").length === 2;

  it("stay for the next run, which has the variables of its own alone", async () => {
    const first = await run({ COPILOT_TOKEN_ROTATE: "Mail", ARM_CLIENT_ID: "deployer" });
    const second = await run({ ARM_CLIENT_ID: "other" });
    const { pid } = printedBy(first);
    expect(printedBy(first)).toMatchObject({ rotate: "Mail", clientId: "deployer" });
    expect(printedBy(second)).toEqual({ pid, clientId: "other", path: process.env["PATH"] });
    expect([first, second].map((each) => [each.ok, isWhole(each)])).toEqual(Array(2).fill([true, true]));
  });

  it.each([
    { how: "refused", stays: true },
    { how: "unhandled", stays: false },
    { how: "logged", stays: false },
  ])("after a run that failed ($how) stay for another that succeeds: $stays", async ({ how, stays }) => {
    const failed = await run({ COPILOT_TOKEN_ROTATE: how });
    const next = await run({});
    expect([failed.ok, failed.failures.length, next.ok, next.failures]).toEqual([false, 1, true, []]);
    expect(printedBy(next)["pid"] === printedBy(failed)["pid"]).toBe(stays);
  });

  it("are others for an environment that only the start of a process decides", async () => {
    const one = await run({});
    const other = await run({ NODE_EXTRA_CA_CERTS: "" });
    expect(printedBy(other)["pid"]).not.toBe(printedBy(one)["pid"]);
  });

  it("end when they are killed, and the run is no success", async () => {
    const before = await run({});
    const killed = await run({}, AbortSignal.abort());
    const after = await run({});
    expect([killed.ok, killed.failures]).toEqual([
      false,
      [{ message: "The engine's process ended before its work did (SIGKILL). Run it again." }],
    ]);
    expect(printedBy(after)["pid"]).not.toBe(printedBy(before)["pid"]);
  });
});
