import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectionError } from "../../azure/connectionError";
import type { HttpAnswer } from "../../azure/http";
import { isOperatorError } from "../../core/errors";
import { copilotCommand } from "../../scripts/copilot/command";
import { doctorCommand } from "../../scripts/doctor/command";
import { rotateCommand } from "../../scripts/rotate/command";
import { describeFailure, execute, exitCodeOf, type Command } from "../../scripts/shared/command";
import { tokenCommand } from "../../scripts/token/command";
import { verifyCommand } from "../../scripts/verify/command";
import { deployStack, type DeployedStack } from "../support/deployedStack";
import { damaged, damagedText } from "../support/hostileJson";
import { armEnvironment, azureExchange, piped, testWorld } from "../support/testWorld";

let stack: DeployedStack;
let directory: string;

beforeAll(async () => {
  stack = await deployStack();
  directory = mkdtempSync(join(tmpdir(), "properties-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
  const config = {
    "azure-native:location": "westeurope",
    "copilot-token:apps": { Mail: { permissions: ["User.Read.All"] } },
    "copilot-token:vault": { name: "copilot-other" },
  };
  writeFileSync(join(directory, "Pulumi.dev.yaml"), JSON.stringify({ config }));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Hosts that a command of this stack has to do with. */
const hosts = new Set([
  "login.microsoftonline.com",
  "graph.microsoft.com",
  "management.azure.com",
  "copilot-test.vault.azure.net",
]);

interface Run {
  readonly command: Command;
  readonly flags?: readonly string[];
  readonly input?: string;
  /** What becomes of an answer; by its number and the host that gave it. */
  readonly spoil?: (answer: HttpAnswer, index: number, host: string) => HttpAnswer;
  /** Sees each answer before. */
  readonly watch?: (answer: HttpAnswer, index: number) => void;
}

/** Runs a command to its end: a verdict or one clear message, within limits, and nothing to anyone else. */
async function run({ command, flags = [], input, spoil = (answer) => answer, watch }: Run): Promise<number> {
  const exchange = azureExchange(stack.tenant);
  let [requests, slept] = [0, 0];
  const world = testWorld({
    directory,
    env: armEnvironment(stack.tenant, "deployer"),
    now: () => new Date(stack.clock.now().getTime() + slept),
    onSleep: (milliseconds) => {
      slept += milliseconds;
    },
    exchange: async (request, limit) => {
      const { host } = new URL(request.url);
      expect(hosts).toContain(host);
      const index = requests;
      requests += 1;
      expect(requests).toBeLessThan(2_000);
      const answer = await exchange(request, limit);
      watch?.(answer, index);
      return spoil(answer, index, host);
    },
    ...(input === undefined ? {} : { stdin: piped(input) }),
  });
  const exitCode = await execute(command, flags, world).catch((error: unknown) => {
    // A bug keeps its stack; what bad input causes is an OperatorError.
    if (!isOperatorError(error)) throw error;
    world.tell(describeFailure(error));
    return exitCodeOf(error);
  });
  const said = [...world.printed, ...world.told].join("\n");
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(said.length).toBeGreaterThan(0);
  expect(said.length).toBeLessThan(2_000_000);
  for (const secret of stack.secrets) expect(said).not.toContain(secret);
  expect(slept / 1000).toBeLessThanOrEqual(900);
  expect([0, 1, 2]).toContain(exitCode);
  return exitCode;
}

/** Answers of a clean run, in order. */
async function answersOf(asking: Run): Promise<HttpAnswer[]> {
  const answers: HttpAnswer[] = [];
  await run({ ...asking, watch: (answer) => void answers.push(answer) });
  return answers;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function survivesEveryAnswer(asking: Run, numRuns: number): Promise<void> {
  const answers = await answersOf(asking);
  const spoilt = fc.nat(answers.length - 1).chain((index) =>
    fc.oneof(
      {
        weight: 5,
        arbitrary: damagedText(parsed(answers[index]?.body ?? "")).map((body) => ({ index, body })),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(
            100,
            101,
            199,
            204,
            206,
            226,
            299,
            300,
            302,
            304,
            308,
            400,
            403,
            404,
            409,
            418,
            429,
            500,
            501,
            503,
            599,
            999,
          )
          .map((status) => ({ index, status })),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(
            "CONNECTION_RESET",
            "CONNECTION_TIMEOUT",
            "CONNECTION_REFUSED",
            "HOST_UNKNOWN" as const,
          )
          .map((fault) => ({ index, fault })),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(
            "retry-after",
            "location",
            "azure-asyncoperation",
            "www-authenticate",
            "date",
            "request-id",
          )
          .chain((name) =>
            fc
              .constantFrom(
                "",
                "-1",
                "1e300",
                "9".repeat(400),
                "//evil.example/x",
                "https://evil.example/",
                "%",
                "\u0000",
              )
              .map((value) => ({ index, headers: { [name]: value } })),
          ),
      },
    ),
  );
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ index, ...change }) => {
      await run({
        ...asking,
        spoil: (answer, at) => {
          if (at !== index) return answer;
          if ("fault" in change)
            throw new ConnectionError(change.fault, `${change.fault}: no whole answer came.`);
          return {
            ...answer,
            ...change,
            headers: { ...answer.headers, ...("headers" in change ? change.headers : {}) },
          };
        },
      });
    }),
    { numRuns },
  );
}

describe("a command ends with one clear result", () => {
  const outputs = (): string => JSON.stringify(stack.outputs);

  it("whatever a service answers to verify", async () => {
    await survivesEveryAnswer({ command: verifyCommand, input: outputs() }, 100);
  });

  it("whatever a service answers to doctor", async () => {
    await survivesEveryAnswer({ command: doctorCommand }, 60);
  });

  it("whatever a service answers to rotate --history", async () => {
    await survivesEveryAnswer({ command: rotateCommand, flags: ["--history"], input: outputs() }, 60);
  });

  it("whatever the outputs hold that verify, rotate --history and copilot read", async () => {
    const commands = fc.constantFrom<Pick<Run, "command" | "flags">>(
      { command: verifyCommand, flags: ["--wait", "0"] },
      { command: rotateCommand, flags: ["--history"] },
      { command: copilotCommand, flags: ["--out", join(directory, "copilot")] },
    );
    await fc.assert(
      fc.asyncProperty(damagedText(stack.outputs), commands, async (input, asking) => {
        await run({ ...asking, input });
      }),
      { numRuns: 100 },
    );
  });

  it("whatever a token says", async () => {
    const claims = {
      aud: "https://graph.microsoft.com",
      iss: "https://sts.windows.net/x/",
      tid: "x",
      appid: "y",
      roles: ["User.Read.All"],
      wids: ["x"],
      idtyp: "app",
      ver: "1.0",
      iat: 1_700_000_000,
      nbf: 1_700_000_000,
      exp: 1_700_003_600,
      xms_tcdt: 1_600_000_000,
    };
    const header = { alg: "RS256", kid: "k", typ: "JWT" };
    const encoded = (value: unknown): string =>
      Buffer.from(JSON.stringify(value ?? null)).toString("base64url");
    const token = fc
      .tuple(fc.oneof(fc.constant(header as unknown), damaged(header)), damaged(claims))
      .map((parts) => `${parts.map(encoded).join(".")}.c2ln`);
    await fc.assert(
      fc.asyncProperty(token, fc.constantFrom([], ["--json"]), async (input, flags) => {
        await run({ command: tokenCommand, flags, input });
      }),
      { numRuns: 300 },
    );
  });
});
