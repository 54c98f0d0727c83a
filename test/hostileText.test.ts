import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpAnswer, HttpRequest } from "../azure/http";
import { logText } from "../core/sinks";
import { copilotCommand } from "../scripts/copilot/command";
import { destroyText } from "../scripts/destroy/reportText";
import { doctorCommand } from "../scripts/doctor/command";
import { initCommand } from "../scripts/init/command";
import { localReport } from "../scripts/local/localReport";
import { failureAnnotations } from "../scripts/rotate/reportText";
import { rotateCommand } from "../scripts/rotate/command";
import { rotateText } from "../scripts/rotate/reportText";
import { rotate } from "../scripts/rotate/rotate";
import { describeFailure, execute, type Command } from "../scripts/shared/command";
import { steps } from "../scripts/shared/steps";
import { tokenCommand } from "../scripts/token/command";
import { verifyCommand } from "../scripts/verify/command";
import { workflowCommand } from "../core/sinks";
import { achieved, hostileText, replacedAt, textPlaces, type Shown } from "./support/hostileText";
import { rotatedStack, type RotatedStack } from "./support/rotatedStack";
import { armEnvironment, azureExchange, piped, testWorld } from "./support/testWorld";

let rotated: RotatedStack;
let directory: string;

beforeAll(async () => {
  rotated = await rotatedStack();
  const { state } = rotated.stack.tenant;
  directory = mkdtempSync(join(tmpdir(), "hostile-"));
  // What a deployed stack need not have: an owner, a federated credential, a second secret, an extra grant.
  const [application] = Object.values(state.directory.applications).filter(
    ({ displayName }) => displayName === "CopilotAPIAuth",
  );
  const [user] = Object.keys(state.directory.users);
  if (application === undefined || user === undefined) throw new Error("the seed has changed");
  application.ownerIds.push(user);
  application.federatedIdentityCredentials.push({
    id: "6f0b2c1d-3e4a-4b5c-8d7e-9f0a1b2c3d4e",
    name: "somebody",
    issuer: "https://issuer.example",
    subject: "sub",
    audiences: ["api://AzureADTokenExchange"],
    description: null,
  });
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

interface Run {
  readonly command: Command;
  readonly flags: readonly string[];
  /** Standard input. */
  readonly input?: unknown;
  /** Spoils answers. */
  readonly answered?: (request: HttpRequest, answer: HttpAnswer) => HttpAnswer;
}

/** Runs a command as its process does, and gives all that it showed. */
async function run({ command, flags, input, answered = (_, answer) => answer }: Run): Promise<Shown> {
  const { tenant, clock } = rotated.stack;
  const exchange = azureExchange(tenant);
  const summaryFile = join(directory, "summary.md");
  writeFileSync(summaryFile, "");
  const annotations: string[] = [];
  let slept = 0;
  const world = testWorld({
    directory,
    onSleep: (milliseconds) => {
      slept += milliseconds;
    },
    env: {
      ...armEnvironment(tenant, "deployer"),
      GITHUB_ACTIONS: "true",
      GITHUB_STEP_SUMMARY: summaryFile,
    },
    exchange: async (request, limit) => answered(request, await exchange(request, limit)),
    now: () => new Date(clock.now().getTime() + slept),
    annotate: (annotation) => void annotations.push(workflowCommand(annotation)),
    ...(input === undefined
      ? {}
      : { stdin: piped(typeof input === "string" ? input : JSON.stringify(input)) }),
  });
  const failure = await execute(command, flags, world).then(
    () => [],
    (error: unknown) => [logText(describeFailure(error))],
  );
  const isJson = flags.includes("--json");
  const summary = readFileSync(summaryFile, "utf8");
  const written = (flag: string): string | undefined => {
    const file = flags[flags.indexOf(flag) + 1];
    if (!flags.includes(flag) || file === undefined) return undefined;
    try {
      return readFileSync(file, "utf8");
    } catch {
      return undefined;
    }
  };
  const [junit, html] = [written("--junit"), written("--html")];
  return {
    log: [...(isJson ? [] : world.printed), ...world.told, ...world.progressed, ...failure],
    annotations,
    ...(isJson && world.printed.length === 1 ? { json: world.printed[0] ?? "" } : {}),
    ...(junit === undefined ? {} : { junit }),
    ...(html === undefined ? {} : { html }),
    ...(summary === "" ? {} : { summary }),
  };
}

/** Every place of a text in the answers that a command gets, with the request that it answers. */
async function answerPlaces(asking: Run): Promise<{ readonly request: string; readonly place: string }[]> {
  const places = new Map<string, { request: string; place: string }>();
  await run({
    ...asking,
    answered: (request, answer) => {
      for (const place of textPlaces(jsonOf(answer))) {
        places.set(`${keyOf(request)} ${place}`, { request: keyOf(request), place });
      }
      return answer;
    },
  });
  return [...places.values()];
}

function keyOf({ method, url }: HttpRequest): string {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname}`;
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Runs with the hostile text in one place after another, and gives what it achieved anywhere. */
async function inEachAnswer(asking: Run): Promise<{ readonly places: number; readonly achieved: string[] }> {
  const places = await answerPlaces(asking);
  const all: string[] = [];
  for (const { request, place } of places) {
    const shown = await run({
      ...asking,
      answered: (asked, answer) =>
        keyOf(asked) === request
          ? { ...answer, body: JSON.stringify(replacedAt(jsonOf(answer), place, hostileText)) }
          : answer,
    });
    all.push(...achieved(shown).map((what) => `${request} ${place}: ${what}`));
  }
  return { places: places.length, achieved: all };
}

/** A token's answer with another text in one of its claims; every other answer as it is. */
function withClaim(answer: HttpAnswer, claim: string, text: string): HttpAnswer {
  const body = jsonOf(answer) as { access_token?: string } | undefined;
  const [header = "", claims = "", signature = ""] = body?.access_token?.split(".") ?? [];
  if (claims === "") return answer;
  const decoded = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
  const spoilt = Buffer.from(JSON.stringify({ ...decoded, [claim]: text })).toString("base64url");
  return { ...answer, body: JSON.stringify({ ...body, access_token: `${header}.${spoilt}.${signature}` }) };
}

/** Files of text below a folder, by name. */
function textFiles(folder: string): [string, string][] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(md|json|ya?ml|xml|txt)$/.test(file))
    .map((file) => [file, readFileSync(join(folder, file), "utf8")]);
}

/** What a hostile text achieved in a generated file. */
function achievedInFile(file: string, text: string): string[] {
  const visible = /\.md$/.test(file) ? text.replace(/```[^]*?```|`[^`\n]*`/g, "") : "";
  return [
    ...(/(?![\t\n\r])[\p{Cc}\u202e\u2066\u200b\u2028]/u.test(text) && !/\.(ya?ml|xml)$/.test(file)
      ? ["a control character"]
      : []),
    ...(/\]\(https:\/\/evil|<img|<script/.test(visible) ? ["markup of Markdown"] : []),
    ...(/\.json$/.test(file) && jsonOf({ status: 200, headers: {}, body: text }) === undefined
      ? ["no JSON"]
      : []),
  ];
}

const allSinks = (): string[] => [
  "--junit",
  join(directory, "verify.xml"),
  "--html",
  join(directory, "verify.html"),
];

describe("a hostile text in any field", () => {
  it("of what the tenant and the vault answer does nothing in any output of verify", async () => {
    const input = rotated.stack.outputs;
    const text = await inEachAnswer({ command: verifyCommand, flags: ["--wait", "0", ...allSinks()], input });
    expect(text.achieved).toEqual([]);
    expect(text.places).toBeGreaterThan(50);
    const json = await inEachAnswer({ command: verifyCommand, flags: ["--wait", "0", "--json"], input });
    expect(json.achieved).toEqual([]);
  });

  it("of the outputs does nothing in any output of verify, copilot and rotate --history", async () => {
    const { outputs } = rotated.stack;
    const commands: Pick<Run, "command" | "flags">[] = [
      { command: verifyCommand, flags: ["--wait", "0", ...allSinks()] },
      { command: verifyCommand, flags: ["--wait", "0", "--json"] },
      { command: copilotCommand, flags: ["--out", join(directory, "copilot")] },
      { command: rotateCommand, flags: ["--history"] },
    ];
    const renamed = { ...outputs, apps: { [hostileText]: outputs.apps["CopilotAPIAuth"] } };
    const inputs = [renamed, ...textPlaces(outputs).map((place) => replacedAt(outputs, place, hostileText))];
    const all: string[] = [];
    for (const asking of commands) {
      for (const input of inputs) {
        all.push(
          ...achieved(await run({ ...asking, input })).map((what) => `${asking.command.name}: ${what}`),
        );
      }
    }
    expect(all).toEqual([]);
    expect(inputs.length).toBeGreaterThan(15);
  });

  it("of the settings and of what the tenant answers does nothing in any output of doctor", async () => {
    writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
    const config = {
      "azure-native:location": "westeurope",
      "copilot-token:apps": {
        Mail: { permissions: ["User.Read.All"], displayName: "CopilotAPIAuth", readers: [], owners: [] },
        Old: {
          permissions: ["Mail.Send"],
          adopt: rotated.stack.outputs.apps["CopilotAPIAuth"]?.applicationObjectId,
        },
        Trusting: {
          permissions: ["User.Read.All"],
          credential: "federated",
          federated: [{ github: "owner/name", environment: "verify" }],
        },
      },
      "copilot-token:vault": { name: "copilot-test", allowedIpRanges: ["203.0.113.7"] },
    };
    const write = (given: unknown): void => {
      writeFileSync(join(directory, "Pulumi.dev.yaml"), JSON.stringify({ config: given }));
    };
    write(config);
    const asking: Run = { command: doctorCommand, flags: [] };
    const answers = await inEachAnswer(asking);
    expect(answers.achieved).toEqual([]);
    expect(answers.places).toBeGreaterThan(15);

    const all: string[] = [];
    const given = [
      ...textPlaces(config).map((place) => replacedAt(config, place, hostileText)),
      { ...config, "copilot-token:apps": { [hostileText]: { permissions: [] } } },
      { ...config, [`copilot-token:${hostileText}`]: 1 },
    ];
    for (const one of given) {
      write(one);
      for (const flags of [[], ["--json"]]) {
        all.push(
          ...achieved(await run({ command: doctorCommand, flags })).map((what) => JSON.stringify(what)),
        );
      }
    }
    expect(all).toEqual([]);
  });

  it("of a token does nothing in what token prints", async () => {
    const claims: Record<string, unknown> = {
      aud: "https://graph.microsoft.com",
      iss: "https://sts.windows.net/x/",
      tid: "x",
      appid: "y",
      app_displayname: "z",
      roles: ["User.Read.All"],
      upn: "u",
      idtyp: "app",
      iat: 1_700_000_000,
      exp: 1_700_003_600,
      other: { deep: ["text"] },
    };
    const token = (body: unknown): string =>
      [{ alg: "RS256", kid: "k" }, body]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".") + ".c2ln";
    const all: string[] = [];
    for (const body of [
      ...textPlaces(claims).map((place) => replacedAt(claims, place, hostileText)),
      { ...claims, [hostileText]: "name" },
    ]) {
      for (const flags of [[], ["--json"]]) {
        all.push(...achieved(await run({ command: tokenCommand, flags, input: token(body) })));
      }
    }
    expect(all).toEqual([]);
  });

  it("of what the tenant answers, and of an engine's failure, does nothing in any output of rotate", async () => {
    const { model, stack } = rotated;
    const all: string[] = [];
    const places = new Set<string>();
    const exchange = azureExchange(stack.tenant);
    const once = async (spoil: (request: HttpRequest, answer: HttpAnswer) => HttpAnswer): Promise<void> => {
      let slept = 0;
      const world = testWorld({
        env: armEnvironment(stack.tenant, "deployer"),
        exchange: async (request, limit) => spoil(request, await exchange(request, limit)),
        now: () => new Date(stack.clock.now().getTime() + slept),
        onSleep: (milliseconds) => {
          slept += milliseconds;
        },
      });
      const log = await rotate(world, steps(world, false), { engine: model, wish: "now", dryRun: true }).then(
        (report) => {
          const annotations = failureAnnotations(report).map(workflowCommand);
          all.push(...achieved({ log: [], annotations }));
          return logText(rotateText(report, world.now()));
        },
        (error: unknown) => logText(describeFailure(error)),
      );
      all.push(...achieved({ log: [log, ...world.printed, ...world.told], annotations: [] }));
    };
    await once((request, answer) => {
      for (const place of textPlaces(jsonOf(answer))) places.add(`${keyOf(request)}\t${place}`);
      return answer;
    });
    for (const one of places) {
      const [request = "", place = ""] = one.split("\t");
      await once((asked, answer) =>
        keyOf(asked) === request
          ? { ...answer, body: JSON.stringify(replacedAt(jsonOf(answer), place, hostileText)) }
          : answer,
      );
    }
    model.refusePublication = hostileText;
    const world = testWorld({ ...rotated.world });
    const report = await rotate(rotated.world, steps(world, false), {
      engine: model,
      wish: "now",
      dryRun: false,
    });
    const annotations = failureAnnotations(report).map(workflowCommand);
    all.push(...achieved({ log: [logText(rotateText(report, world.now())), ...world.printed], annotations }));
    expect(all).toEqual([]);
    expect(places.size).toBeGreaterThan(20);
  });

  it("of what the tenant answers, and of the signed-in identity's own name, does nothing in any output of init", async () => {
    writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
    const asking: Run = {
      command: initCommand,
      flags: [
        "--yes",
        "--force",
        "--stack",
        "other",
        "--location",
        "westeurope",
        "--permission",
        "User.Read.All",
      ],
    };
    const answers = await inEachAnswer(asking);
    expect(answers.achieved).toEqual([]);
    expect(answers.places).toBeGreaterThan(10);
    const all: string[] = [];
    let told = 0;
    for (const claim of ["upn", "app_displayname", "oid", "tid", "appid"]) {
      const shown = await run({
        ...asking,
        answered: (_request, answer) => withClaim(answer, claim, hostileText),
      });
      told += shown.log.some((text) => text.includes("stop-commands")) ? 1 : 0;
      all.push(...achieved(shown));
    }
    expect(all).toEqual([]);
    expect(told).toBeGreaterThan(2);
  });

  it("of the outputs does nothing in any file that copilot writes", async () => {
    const { outputs } = rotated.stack;
    const out = join(directory, "files");
    const all: string[] = [];
    let written = 0;
    // A line break is refused in each of them.
    const lines = hostileText.split("\n");
    for (const place of textPlaces(outputs)) {
      for (const line of lines) {
        rmSync(out, { recursive: true, force: true });
        const input = replacedAt(outputs, place, line);
        all.push(...achieved(await run({ command: copilotCommand, flags: ["--out", out], input })));
        for (const [file, text] of textFiles(out)) {
          written += 1;
          all.push(...achievedInFile(file, text).map((what) => `${place}, ${line}, ${file}: ${what}`));
        }
      }
    }
    expect(all).toEqual([]);
    expect(written).toBeGreaterThan(10);
  });

  it("of the outputs does nothing in what local prints", () => {
    const { outputs } = rotated.stack;
    const [app] = Object.values(outputs.apps);
    const trusting = { ...app, signIn: "federated", federated: [{ subject: hostileText }] };
    for (const apps of [
      { [hostileText]: app },
      ...textPlaces(app).map((place) => ({ Mail: replacedAt(app, place, hostileText) })),
      { Mail: trusting },
    ]) {
      const report = { proved: true, steps: [], verification: undefined, refusedHosts: [] };
      const text = localReport(
        { ...report, outputs: { ...outputs, apps } } as unknown as Parameters<typeof localReport>[0],
        "dev",
        () => [hostileText],
      );
      expect(achieved({ log: [logText(text)], annotations: [] })).toEqual([]);
    }
  });

  it("of what a destruction left does nothing in what destroy prints", () => {
    const text = destroyText({
      schemaVersion: 1,
      ok: false,
      mode: "destroy",
      dryRun: true,
      stack: hostileText,
      steps: [{ operation: "delete", type: hostileText, name: hostileText }],
      leftovers: [
        {
          kind: "vault",
          purpose: "vault",
          name: hostileText,
          id: hostileText,
          state: "unseen",
          until: null,
          isPurgeProtected: null,
          reason: hostileText,
        },
      ],
      outcomes: [],
      wayIn: [],
      managedIdentities: false,
      failures: [],
      earlierDestructions: [hostileText],
    } as unknown as Parameters<typeof destroyText>[0]);
    expect(achieved({ log: [logText(text)], annotations: [] })).toEqual([]);
  });
});
