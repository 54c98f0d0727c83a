import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ConnectionError } from "../../../azure/connectionError";
import { settingKeys } from "../../../core/settings/settings";
import { readSettings } from "../../../infra/plan/settings";
import { doctorCommand } from "../../../scripts/doctor/command";
import { initCommand } from "../../../scripts/init/command";
import { execute, UsageError } from "../../../scripts/shared/command";
import { openValues, readStack, readStackFile, readStackName } from "../../../scripts/shared/stackFile";
import type { ToolResult } from "../../../scripts/shared/world";
import { testWorld, type TestWorld } from "../../support/testWorld";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "verdict-"));
  writeProject("copilot-token");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function writeProject(name: string, more: object = {}): void {
  writeFileSync(join(directory, "Pulumi.yaml"), stringify({ name, runtime: "nodejs", ...more }));
}

type Config = Readonly<Record<string, unknown>>;

const location = { "azure-native:location": "westeurope" };

function writeStack(config: Config, more: object = {}): string {
  const file = join(directory, "Pulumi.dev.yaml");
  writeFileSync(file, stringify({ config, ...more }));
  return file;
}

/** Half a sign-in, which is none, and keeps the Azure CLI of this machine out. */
const signedOut = { ARM_CLIENT_SECRET: "x" };

function worldWith(tools: Readonly<Record<string, ToolResult>> = {}): TestWorld & { ran: string[] } {
  const ran: string[] = [];
  const world = testWorld({
    directory,
    env: signedOut,
    exchange: ({ url }) => Promise.reject(new ConnectionError("HOST_UNKNOWN", `${url}: no network`)),
    runTool: (tool, words) => {
      const command = [tool, ...words].join(" ");
      ran.push(command);
      const missing = { exitCode: undefined, stdout: "", stderr: "" };
      const found = Object.entries(tools).find(([start]) => command.startsWith(start))?.[1];
      return Promise.resolve(found ?? missing);
    },
  });
  return Object.assign(world, { ran });
}

interface Finding {
  readonly id: string;
  readonly status: string;
  readonly summary: string;
  readonly repair?: string;
}

async function doctorSays(world: TestWorld = worldWith(), stack = "dev"): Promise<Finding> {
  await execute(doctorCommand, ["--stack", stack, "--json"], world);
  const report = JSON.parse(world.printed.at(-1) ?? "") as { checks: Finding[] };
  const found = report.checks.find(({ id }) => id === "settings");
  if (found === undefined) throw new Error("doctor has no check of the settings");
  return found;
}

/** As the engine hands the file over. */
async function programSays(
  project = "copilot-token",
): Promise<{ key: string; code: string; repair: string }[]> {
  pulumi.runtime.setMockOptions(undefined, project);
  pulumi.runtime.setAllConfig({ ...(await readStackFile(directory, "dev")).values });
  return readSettings().faults.map(({ key, code, repair }) => ({ key, code, repair }));
}

async function initSays(stack = "dev"): Promise<unknown> {
  const flags = ["--stack", stack, "--location", "westeurope", "--yes"];
  return execute(initCommand, flags, worldWith()).catch((error: unknown) => error);
}

const wrong: readonly unknown[] = [
  5,
  -1.5,
  "some text",
  true,
  "",
  null,
  [5],
  ["x"],
  [[]],
  [{}],
  { x: 1 },
  [null],
];

/** Values that a setting takes all the same. */
const works = new Set(["protect true"]);

const cases = settingKeys.flatMap((key) =>
  wrong
    .map((value) => [key, value] as const)
    .filter(([, value]) => !works.has(`${key} ${JSON.stringify(value)}`)),
);

describe("one verdict on a stack file", () => {
  it.each(cases)("%s: %j is refused by program, doctor and init", async (key, value) => {
    const file = writeStack({ ...location, [`copilot-token:${key}`]: value });
    const before = readFileSync(file, "utf8");
    const faults = await programSays();
    const said = await doctorSays();
    const ended = await initSays();

    expect(faults.length).toBeGreaterThan(0);
    expect(said.status).toBe("fail");
    for (const { key: faulty } of faults) expect(said.summary).toContain(faulty);
    expect(ended).toBeInstanceOf(UsageError);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it.each([
    "constructor",
    "__proto__",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "all",
    "All",
    "a:b",
    "1",
    "",
  ])("an app with the key %j is refused by program, doctor and init", async (name) => {
    const apps = Object.fromEntries([[name, { permissions: ["User.Read.All"] }]]);
    writeStack({ ...location, "copilot-token:apps": JSON.stringify(apps) });
    expect((await programSays()).length).toBeGreaterThan(0);
    expect((await doctorSays()).status).toBe("fail");
    expect(await initSays()).toBeInstanceOf(UsageError);
  });
});

describe("a key that JavaScript has a meaning for", () => {
  it.each(["constructor", "toString", "valueOf", "hasOwnProperty"])(
    "%s is none, in any map",
    async (name) => {
      const permissions = ["User.Read.All"];
      const logicApp = { callers: [], requests: { [name.toLowerCase()]: {} } };
      writeStack({
        ...location,
        "copilot-token:apps": { [name]: { permissions }, Mail: { permissions, logicApp } },
        "copilot-token:identities": { [name]: {} },
      });
      const keys = (await programSays()).map(({ key }) => key);
      expect(keys).toContain(`copilot-token:apps.${name}`);
      expect(keys).toContain(`copilot-token:identities.${name}`);
    },
  );
});

describe("a stack file that is too large or no file", () => {
  it("is refused by doctor and init when it is longer than 16 MiB", async () => {
    writeFileSync(join(directory, "Pulumi.dev.yaml"), "");
    truncateSync(join(directory, "Pulumi.dev.yaml"), 17 * 1024 * 1024);
    const said = await doctorSays();
    expect([said.status, said.summary]).toEqual(["fail", expect.stringMatching(/is longer than 16 MiB/)]);
    expect(await initSays()).toMatchObject({
      message: expect.stringMatching(/longer than 16 MiB/) as string,
    });
  });

  it.runIf(existsSync("/dev/zero"))("is refused by doctor and init when it has no end", async () => {
    symlinkSync("/dev/zero", join(directory, "Pulumi.dev.yaml"));
    const said = await doctorSays();
    expect([said.status, said.summary]).toEqual(["fail", expect.stringMatching(/is not a regular file/)]);
    expect(await initSays()).toMatchObject({
      message: expect.stringMatching(/is not a regular file/) as string,
    });
  });

  it.skipIf(process.platform === "win32")(
    "is refused by doctor and init when it is a named pipe into which nothing is written",
    async () => {
      execFileSync("mkfifo", [join(directory, "Pulumi.dev.yaml")]);
      const said = await doctorSays();
      expect([said.status, said.summary]).toEqual(["fail", expect.stringMatching(/is not a regular file/)]);
      expect(await initSays()).toMatchObject({
        message: expect.stringMatching(/is not a regular file/) as string,
      });
    },
  );
});

describe("a stack file with a key that is there twice", () => {
  it("is refused by doctor and init, which name the second place", async () => {
    const text = 'config:\n  copilot-token:apps:\n    Mail: {}\n    Other: {}\n    "Mail": {}\n';
    writeFileSync(join(directory, "Pulumi.dev.yaml"), text);
    const place = /Map keys must be unique at line 5, column 5/;
    const said = await doctorSays();
    expect([said.status, said.summary]).toEqual(["fail", expect.stringMatching(place)]);
    expect(await initSays()).toMatchObject({ message: expect.stringMatching(place) as string });
  });
});

describe("a project of another name", () => {
  it("has its settings under copilot-token: all the same", async () => {
    writeProject("graph-token");
    writeStack({ ...location, "copilot-token:apps": { Mail: { permissions: ["Mail.Send"] } } });
    expect(await programSays("graph-token")).toEqual([]);
    expect((await doctorSays()).status).toBe("pass");
  });

  it.each([
    [
      "the project's name",
      { "graph-token:apps": { Mail: { permissions: ["Mail.Send"] } } },
      "graph-token:apps",
    ],
    ["no prefix, which is the project's name", { vault: { name: "kv-mail" } }, "graph-token:vault"],
    ["any name with a setting of ours", { "copilot-tokens:apps": {} }, "copilot-tokens:apps"],
  ])("is refused settings under %s, which nothing reads", async (_what, config, key) => {
    writeProject("graph-token");
    writeStack({ ...location, ...config });
    expect(await programSays("graph-token")).toMatchObject([
      { key, code: "SETTING_NAMESPACE", repair: expect.stringContaining("copilot-token:") as string },
    ]);
    expect((await doctorSays()).status).toBe("fail");
  });

  it("is told to take out a setting that is there under both names", async () => {
    writeProject("graph-token");
    writeStack({ ...location, "graph-token:protect": false, "copilot-token:protect": true });
    expect((await programSays("graph-token"))[0]?.repair).toContain(
      "pulumi config rm --path 'graph-token:protect'",
    );
  });
});

describe("a stack's name as Pulumi prints it", () => {
  it.each(["dev", "contoso/dev", "contoso/copilot-token/dev"])("%s leads to the same file", async (stack) => {
    writeStack(location);
    expect((await doctorSays(worldWith(), stack)).status).toBe("pass");
    expect(await initSays(stack)).toBe(0);
  });

  it("of another project is refused", async () => {
    writeStack(location);
    expect((await doctorSays(worldWith(), "contoso/other/dev")).summary).toContain(
      "stack of the project other",
    );
    expect(await initSays("contoso/other/dev")).toBeInstanceOf(UsageError);
  });

  it.each(["", "a/b/c/d", "../dev", "dev/", "a b"])("%j is none", (text) => {
    expect(() => readStackName(text)).toThrow(UsageError);
  });

  it("leads into the folder that Pulumi.yaml names", async () => {
    writeProject("copilot-token", { stackConfigDir: "." });
    writeStack(location);
    expect((await readStackFile(directory, "dev")).name).toBe("Pulumi.dev.yaml");
  });
});

const cli = { exitCode: 0, stdout: "v3.260.0\n", stderr: "" };
const asked = "pulumi config --json --show-secrets --non-interactive --stack dev";
const answers = (config: object): Record<string, ToolResult> => ({
  "pulumi version": cli,
  [asked]: { exitCode: 0, stdout: JSON.stringify(config), stderr: "" },
});

describe("settings that a file alone does not tell", () => {
  it("asks no CLI where the file tells all but a provider's own secret", async () => {
    writeStack({ ...location, "azure-native:clientSecret": { secure: "v1:abc" } });
    const world = worldWith({ "pulumi version": cli });
    expect((await readStack(world, "dev")).unread).toEqual([]);
    expect(world.ran).toEqual([]);
  });

  it("judges what an environment says as the CLI tells it", async () => {
    writeStack({}, { environment: ["contoso/prod"] });
    const good = { "azure-native:location": { value: "westeurope", secret: false } };
    const bad = { ...good, "copilot-token:protect": { value: "maybe", secret: false } };
    expect((await doctorSays(worldWith(answers(good)))).status).toBe("pass");
    expect((await doctorSays(worldWith(answers(bad)))).summary).toContain("copilot-token:protect");
  });

  it("judges encrypted values, and shows none of them", async () => {
    writeStack({ ...location, "copilot-token:alerts": { email: { secure: "v1:abc" } } });
    const config = (email: string) => ({
      "azure-native:location": { value: "westeurope", secret: false },
      "copilot-token:alerts": { value: JSON.stringify({ email }), secret: true },
    });
    expect((await doctorSays(worldWith(answers(config("admin@example.com"))))).status).toBe("pass");
    const world = worldWith(answers(config("nobody at all")));
    expect((await doctorSays(world)).summary).toContain("copilot-token:alerts.email");
    expect(world.printed.join("\n")).not.toContain("nobody at all");
  });

  it.each<[string, Record<string, ToolResult>, RegExp]>([
    ["there is no CLI", {}, /Pulumi CLI can read it, and it was not found/],
    [
      "the CLI refuses",
      { "pulumi version": cli, [asked]: { exitCode: 255, stdout: "", stderr: "error: not logged in\n" } },
      /not logged in/,
    ],
  ])("names what it could not judge where %s, and calls nothing wrong", async (_what, tools, reason) => {
    writeStack(
      { ...location, "copilot-token:identities": { secure: "v1:abc" } },
      { environment: ["contoso/prod"] },
    );
    const { status, summary } = await doctorSays(worldWith(tools));
    expect(status).toBe("warn");
    expect(summary).toMatch(reason);
    expect(summary).toContain("environment (Pulumi ESC)");
    expect(summary).toContain("copilot-token:identities, which is encrypted");
  });

  it("keeps a provider's secret out of a local run, and refuses a setting that is one", async () => {
    writeStack(
      { ...location, "azure-native:clientSecret": { secure: "v1:abc" } },
      { environment: ["contoso/prod"] },
    );
    const config = {
      "azure-native:location": { value: "westeurope", secret: false },
      "azure-native:clientSecret": { value: "s~cret", secret: true },
    };
    expect(openValues(await readStack(worldWith(answers(config)), "dev"))).toEqual(location);
    const more = { ...config, "copilot-token:alerts": { value: "{}", secret: true } };
    const file = await readStack(worldWith(answers(more)), "dev");
    expect(() => openValues(file)).toThrow(/copilot-token:alerts is encrypted/);
  });
});
