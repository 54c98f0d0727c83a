import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createSigningKey } from "../../../emulator/entra/signingKey";
import { createTenant, type Tenant } from "../../../emulator/tenant/tenant";
import type { Environment } from "../../../azure/proxy";
import { execute, UsageError } from "../../../scripts/shared/command";
import { initCommand } from "../../../scripts/init/command";
import { readStackFile } from "../../../scripts/shared/stackFile";
import { armEnvironment, azureExchange, testWorld, type TestWorld } from "../../support/testWorld";

const signingKey = createSigningKey();
let tenant: Tenant;
let directory: string;

beforeEach(() => {
  tenant = createTenant({ signingKey });
  directory = mkdtempSync(join(tmpdir(), "init-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: copilot-token\nruntime: nodejs\n");
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Half a sign-in, which is none, and keeps the Azure CLI of this machine out. */
const signedOut: Environment = { ARM_CLIENT_SECRET: "x" };

interface Setting {
  /** What is typed, line by line; undefined where there is no terminal. */
  readonly typed?: readonly string[];
  readonly env?: Environment;
  readonly selected?: string;
}

interface Ran {
  /** Exit code, or the error's words. */
  readonly ended: unknown;
  readonly world: TestWorld;
  /** Questions with their usual answers. */
  readonly asked: readonly string[];
  readonly suggested: ReadonlyMap<string, readonly string[]>;
}

async function run(commandArguments: readonly string[], setting: Setting = {}): Promise<Ran> {
  const { typed, env, selected } = setting;
  const lines = [...(typed ?? [])];
  const asked: string[] = [];
  const suggested = new Map<string, readonly string[]>();
  const world = testWorld({
    directory,
    env: env ?? armEnvironment(tenant, "deployer"),
    exchange: azureExchange(tenant),
    now: () => tenant.clock.now(),
    ...(typed === undefined ? {} : { stdin: { kind: "terminal", read: () => Promise.resolve("") } }),
    ask: (question, suggestions = []) => {
      asked.push(question);
      suggested.set(question, suggestions);
      const line = lines.shift();
      return line === undefined
        ? Promise.reject(new Error(`nothing more is typed: ${question}`))
        : Promise.resolve(line);
    },
    runTool: () =>
      Promise.resolve(
        selected === undefined
          ? { exitCode: undefined, stdout: "", stderr: "" }
          : { exitCode: 0, stdout: `${selected}\n`, stderr: "" },
      ),
  });
  try {
    return { ended: await execute(initCommand, commandArguments, world), world, asked, suggested };
  } catch (error) {
    if (error instanceof UsageError) return { ended: error.message, world, asked, suggested };
    throw error;
  } finally {
    expect(lines).toEqual([]);
  }
}

const pathOf = (stack: string): string => join(directory, `Pulumi.${stack}.yaml`);
const textOf = (stack: string): string => readFileSync(pathOf(stack), "utf8");
const configOf = (stack: string): unknown => (parse(textOf(stack)) as { config: unknown }).config;
const flags = ["--stack", "test", "--location", "norwayeast", "--permission", "User.Read.All"];

describe("init, by flags", () => {
  it("writes the file and asks nothing; the signed-in identity is reader and owner", async () => {
    const { objectId } = tenant.identities.deployer;
    const { ended, world, asked } = await run([...flags, "--email", "ops@contoso.example"]);

    expect([ended, asked]).toEqual([0, []]);
    expect(configOf("test")).toEqual({
      "azure-native:location": "norwayeast",
      "copilot-token:apps": { CopilotAPIAuth: { permissions: ["User.Read.All"] } },
      "copilot-token:vault": { readers: [{ id: objectId, type: "ServicePrincipal" }] },
      "copilot-token:owners": [objectId],
      "copilot-token:alerts": { email: "ops@contoso.example" },
    });
    expect(textOf("test")).toMatch(/^# Settings of the stack test, begun by npm run init\./);
    expect(world.told).toEqual([
      `Signed in as copilot-token deployer (object ${objectId}) in tenant ${tenant.state.tenantId}.`,
    ]);
    expect(world.printed[0]).toBe("Wrote Pulumi.test.yaml.");
  });

  it("writes what the other commands and the program read", async () => {
    await run(flags);
    const { values } = await readStackFile(directory, "test");
    expect(values["copilot-token:apps"]).toBe('{"CopilotAPIAuth":{"permissions":["User.Read.All"]}}');
  });

  it("writes an app that acts as its signed-in user, without a secret, and keeps it so", async () => {
    const delegated = ["--delegated", "User.Read", "--delegated", "Files.ReadWrite"];
    const first = await run(["--stack", "test", "--location", "norwayeast", ...delegated]);
    expect(first.ended).toBe(0);
    expect(configOf("test")).toMatchObject({
      "copilot-token:apps": {
        CopilotAPIAuth: { delegated: ["User.Read", "Files.ReadWrite"], credential: "federated" },
      },
    });
    expect(textOf("test")).not.toContain("permissions");
    const again = await run(["--stack", "test", "--yes"]);
    expect([again.ended, again.world.printed]).toEqual([
      0,
      ["Pulumi.test.yaml says all that already; nothing was written."],
    ]);
    const written = textOf("test");
    const other = await run(flags);
    expect(other.ended).toContain("copilot-token:apps.CopilotAPIAuth.federated");
    expect(textOf("test")).toBe(written);
  });

  it.each([
    [["--delegated", "User.Read.Alll"], /"User.Read.Alll": Microsoft Graph has no delegated permission/],
    [["--delegated", "Directory.ReadWrite.All"], /can take over the tenant.*--accept-tier-zero/],
    [
      ["--delegated", "User.Read", "--permission", "User.Read.All"],
      /either as itself.*or as its signed-in user/,
    ],
  ])("refuses %j", async (more, words) => {
    const { ended } = await run(["--stack", "test", "--location", "norwayeast", ...more]);
    expect(ended).toMatch(words);
    expect(existsSync(pathOf("test"))).toBe(false);
  });

  it("refuses owners that leave out the service principal that is signed in", async () => {
    const other = "22222222-2222-4333-8444-555555555555";
    const { ended } = await run([...flags, "--owner", other]);
    expect(String(ended)).toContain(
      `--owner ["${other}"]: The service principal ${tenant.identities.deployer.objectId}, which is signed in, is not among the owners`,
    );
  });

  it("takes several values, and finds out what kind of identity a reader is", async () => {
    const [user = ""] = Object.keys(tenant.state.directory.users);
    const [group = ""] = Object.keys(tenant.state.directory.groups);
    const readers = ["--reader", user, "--reader", `${group}:Group`];
    await run([
      ...flags,
      "--permission",
      "Group.Read.All",
      ...readers,
      "--owner",
      "none",
      "--app",
      "Helpdesk",
    ]);

    expect(configOf("test")).toEqual({
      "azure-native:location": "norwayeast",
      "copilot-token:apps": { Helpdesk: { permissions: ["User.Read.All", "Group.Read.All"] } },
      "copilot-token:vault": {
        readers: [
          { id: user, type: "User" },
          { id: group, type: "Group" },
        ],
      },
    });
  });

  it("works without a sign-in, says that names were not checked, and that there is no reader yet", async () => {
    const { ended, world } = await run([...flags, "--permission", "Unheard.Of"], { env: signedOut });

    expect(ended).toBe(0);
    expect(configOf("test")).toEqual({
      "azure-native:location": "norwayeast",
      "copilot-token:apps": { CopilotAPIAuth: { permissions: ["User.Read.All", "Unheard.Of"] } },
    });
    expect(world.told).toEqual([
      expect.stringMatching(
        /^Names of permissions are not checked against the tenant: ARM_CLIENT_SECRET is set, but/,
      ),
    ]);
    expect(world.printed[1]).toMatch(/^It lists no readers/);
  });

  it("names every flag that is missing where there is no terminal, before it asks the tenant anything", async () => {
    const { ended, world } = await run(["--location", "westeurope"]);
    expect(ended).toBe(
      "There is no terminal, and these are missing: --stack, --permission. " +
        "Give what is missing, or --yes for the usual values.",
    );
    expect(world.told).toEqual([]);
  });

  it("takes the usual values with --yes, and the stack that is selected", async () => {
    expect((await run(["--yes"], { selected: "contoso/copilot-token/shared", typed: [] })).ended).toBe(0);
    expect(configOf("shared")).toMatchObject({
      "azure-native:location": "westeurope",
      "copilot-token:apps": { CopilotAPIAuth: { permissions: ["User.Read.All"] } },
    });
  });

  it.each([
    [["--permission", "User.Raed.All"], /--permission "User\.Raed\.All": .*nearest: User\.Read\.All/],
    [
      ["--permission", "mail.send"],
      /Case matters in permission names: Microsoft Graph calls it "Mail\.Send"/,
    ],
    [["--permission", "User.Read"], /works only with a signed-in user.*use "User\.Read\.All"/],
    [
      ["--permission", "Directory.ReadWrite.All"],
      /take over the tenant .* add --accept-tier-zero Directory\.ReadWrite\.All/,
    ],
    [
      ["--accept-tier-zero", "User.Read.All"],
      /--accept-tier-zero User\.Read\.All: it cannot take over the tenant/,
    ],
    [["--permission", "User.Read.All"], /The same permission as permissions\[0\]/],
    [["--stack", "../prod"], /--stack "\.\.\/prod": A stack's name has/],
    [
      ["--location", "West-Europe"],
      /--location "West-Europe": A location's name has letters, .* will do too/,
    ],
    [
      ["--location", "westeurop"],
      /--location "westeurop": The subscription has no such .*; nearest: westeurope\./,
    ],
    [
      ["--location", "mars"],
      /--location "mars": The subscription has no such location.* az account list-locations/,
    ],
    [["--app", "9 lives"], /--app .*An app's key starts with a letter/],
    [["--reader", "me"], /--reader "me": An object ID is a GUID/],
    [
      ["--reader", "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49"],
      /--reader 0b7d2a51.*Say which kind of identity it is/,
    ],
    [
      ["--reader", "0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49:Robot"],
      /--reader 0b7d2a51.*Say which kind of identity it is/,
    ],
    [["--owner", "me"], /--owner "me": An object ID is a GUID/],
    [["--email", "ops"], /--email "ops": An e-mail address is expected/],
  ])("refuses %j and writes nothing", async (more, words) => {
    const { ended } = await run([...flags, ...more]);
    expect(ended).toMatch(words);
    expect(existsSync(pathOf("test"))).toBe(false);
  });

  it("writes a location by its short name, however it is given", async () => {
    expect((await run([...flags, "--location", "East US 2"])).ended).toBe(0);
    expect(configOf("test")).toMatchObject({ "azure-native:location": "eastus2" });
  });

  it("accepts any well-formed location where the list cannot be read", async () => {
    expect((await run([...flags, "--location", "mars"], { env: signedOut })).ended).toBe(0);
  });

  it("tells everything that is wrong at once", async () => {
    const { ended } = await run([...flags, "--permission", "Mail.Raed", "--owner", "me", "--email", "ops"]);
    expect(String(ended).match(/--(?:permission|owner|email)/g)).toEqual([
      "--permission",
      "--owner",
      "--email",
    ]);
  });

  it("accepts a permission that can take over the tenant only by name", async () => {
    const risky = "Directory.ReadWrite.All";
    const { ended } = await run([...flags, "--permission", risky, "--accept-tier-zero", risky]);
    expect(ended).toBe(0);
    expect(configOf("test")).toMatchObject({ "copilot-token:acceptTierZero": [risky] });
  });

  it("wants to be run in the project's folder", async () => {
    rmSync(join(directory, "Pulumi.yaml"));
    expect((await run(flags)).ended).toMatch(/has no Pulumi\.yaml/);
  });
});

describe("init, over a file that is there", () => {
  const present = [
    "# Ours: ask Ada first.",
    "config:",
    "  azure-native:location: norwayeast",
    "  azure-native:subscriptionId: 4d1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70",
    "  copilot-token:apps:",
    "    CopilotAPIAuth:",
    "      permissions: [Mail.Send] # for the weekly report",
    "    Other:",
    "      permissions: [Group.Read.All]",
    "  copilot-token:rotation: '{\"everyDays\":30}'",
    "encryptionsalt: v1:abc=",
    "",
  ].join("\n");

  beforeEach(() => {
    writeFileSync(pathOf("test"), present);
  });

  it("replaces nothing unasked", async () => {
    const { ended } = await run(flags);
    expect(ended).toBe(
      "Nothing was written: Pulumi.test.yaml is there and has other values for " +
        "copilot-token:apps.CopilotAPIAuth.permissions. --force replaces them.",
    );
    expect(textOf("test")).toBe(present);
  });

  it("replaces with --force what was answered, and keeps the rest, comments too", async () => {
    expect((await run([...flags, "--owner", "none", "--reader", "none", "--force"])).ended).toBe(0);
    expect(configOf("test")).toEqual({
      "azure-native:location": "norwayeast",
      "azure-native:subscriptionId": "4d1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70",
      "copilot-token:apps": {
        CopilotAPIAuth: { permissions: ["User.Read.All"] },
        Other: { permissions: ["Group.Read.All"] },
      },
      "copilot-token:rotation": '{"everyDays":30}',
    });
    expect(textOf("test")).toMatch(/^# Ours: ask Ada first\.\n/);
    expect(textOf("test")).toMatch(/\nencryptionsalt: v1:abc=\n$/);
    expect(textOf("test")).toContain("    Other:\n      permissions: [Group.Read.All]\n");
  });

  it("takes the file's own values as the usual ones, so that saying nothing changes nothing", async () => {
    const { ended, world } = await run(["--stack", "test", "--yes", "--owner", "none", "--reader", "none"]);
    expect([ended, world.printed]).toEqual([
      0,
      ["Pulumi.test.yaml says all that already; nothing was written."],
    ]);
    expect(textOf("test")).toBe(present);
  });

  it("changes settings that are JSON in the file, as `pulumi config set` writes them", async () => {
    writeFileSync(pathOf("test"), `config:\n  copilot-token:vault: '{"retentionDays":7}'\n`);
    await run([...flags, "--owner", "none"]);
    expect(configOf("test")).toMatchObject({
      "copilot-token:vault": {
        retentionDays: 7,
        readers: [{ id: tenant.identities.deployer.objectId, type: "ServicePrincipal" }],
      },
    });
  });

  it.each([
    ["nothing at all", ""],
    ["what `pulumi stack init` leaves", "encryptionsalt: v1:abc=\n"],
    ["an empty config", "config:\nencryptionsalt: v1:abc=\n"],
  ])("fills a file with %s without asking, under a header", async (_name, text) => {
    writeFileSync(pathOf("test"), text);
    expect((await run(flags)).ended).toBe(0);
    expect(textOf("test")).toMatch(/^# Settings of the stack test/);
    expect(configOf("test")).toMatchObject({ "azure-native:location": "norwayeast" });
    expect(parse(textOf("test"))).toMatchObject(text.includes("salt") ? { encryptionsalt: "v1:abc=" } : {});
  });

  it("leaves a file alone that is no YAML map", async () => {
    writeFileSync(pathOf("test"), "config: [");
    expect((await run(flags)).ended).toMatch(/^Pulumi\.test\.yaml is not a YAML map/);
    expect(textOf("test")).toBe("config: [");
  });

  it("names what was wrong in the file before, and does not write it again", async () => {
    writeFileSync(pathOf("test"), "config:\n  copilot-token:rotation: { everyDays: 0 }\n");
    expect((await run(flags)).ended).toMatch(/copilot-token:rotation\.everyDays: 0\n.*At least 1 day/);
    expect(textOf("test")).toBe("config:\n  copilot-token:rotation: { everyDays: 0 }\n");
  });
});

describe("init, on a terminal", () => {
  const enter = "";

  it("asks for everything in one screen, and takes Enter for the value in brackets", async () => {
    const { objectId } = tenant.identities.deployer;
    const { ended, world, asked, suggested } = await run([], {
      typed: [enter, enter, enter, enter, enter, enter, enter, enter],
    });

    expect(asked).toEqual([
      "Stack [prod]: ",
      "Azure location of the vault [westeurope]: ",
      "App: its key here and its name in Entra [CopilotAPIAuth]: ",
      "Microsoft Graph application permissions, Tab completes [User.Read.All]: ",
      `Readers of the secret, by object ID [${objectId}:ServicePrincipal]: `,
      `Owners of the app, by object ID [${objectId}]: `,
      "E-mail address to warn before a secret expires [none]: ",
      "Write Pulumi.prod.yaml? [Y/n]: ",
    ]);
    expect(suggested.get(asked[3] ?? "")).toContain("Group.ReadWrite.All");
    expect(ended).toBe(0);
    expect(world.told.at(-1)).toBe(`\n${textOf("prod").trimEnd()}\n`);
  });

  it("offers the nearest names for a permission that the tenant does not know", async () => {
    const { asked, world } = await run(flags.slice(0, 4), {
      typed: [enter, "user.raed.all, mail.send", enter, enter, enter, enter, enter],
    });
    expect(asked[2]).toContain("[User.Read.All, Mail.Send]");
    expect(world.told.slice(2, 4)).toEqual([
      expect.stringMatching(/^ {2}"user\.raed\.all": .*nearest: User\.Read\.All/),
      expect.stringMatching(/^ {2}"mail\.send": Case matters/),
    ]);
    expect(configOf("test")).toMatchObject({
      "copilot-token:apps": { CopilotAPIAuth: { permissions: ["User.Read.All", "Mail.Send"] } },
    });
  });

  it("asks whether permissions of a signed-in user are meant, and writes them as such", async () => {
    const user = "User.Read Mail.Send";
    const { asked, ended } = await run(flags.slice(0, 4), {
      typed: [enter, user, "n", user, "y", enter, enter, enter, enter],
    });
    expect(asked.slice(1, 5)).toEqual([
      "Microsoft Graph application permissions, Tab completes [User.Read.All]: ",
      expect.stringMatching(/the agent acts as the user who chats with it.* Is that right\? \[Y\/n\]: $/),
      "Microsoft Graph application permissions, Tab completes [User.Read, Mail.Send]: ",
      expect.stringMatching(/Is that right\?/),
    ]);
    expect(ended).toBe(0);
    expect(configOf("test")).toMatchObject({
      "copilot-token:apps": {
        CopilotAPIAuth: { delegated: ["User.Read", "Mail.Send"], credential: "federated" },
      },
    });
  });

  it("asks again for what cannot work, flags included", async () => {
    const [user = ""] = Object.keys(tenant.state.directory.users);
    const { asked } = await run([...flags, "--email", "ops"], {
      typed: [enter, "nobody", user, "none", "ops@contoso.example", enter],
    });
    expect(asked.map((question) => question.split(" ")[0])).toEqual([
      "App:",
      "Readers",
      "Readers",
      "Owners",
      "E-mail",
      "Write",
    ]);
    expect(configOf("test")).toMatchObject({
      "copilot-token:vault": { readers: [{ id: user, type: "User" }] },
      "copilot-token:alerts": { email: "ops@contoso.example" },
    });
    expect(configOf("test")).not.toHaveProperty("copilot-token:owners");
  });

  it("has a permission that can take over the tenant accepted by name, or takes it out", async () => {
    const risky = ["Directory.ReadWrite.All", "Domain.ReadWrite.All"];
    const { asked } = await run([...flags.slice(0, 4), "--app", "A", "--owner", "none", "--reader", "none"], {
      typed: [`${risky.join(" ")} Mail.Send`, "y", enter, enter, enter, enter],
    });
    expect(asked.slice(1, 4)).toEqual([
      expect.stringMatching(
        /"Directory\.ReadWrite\.All" can take over the tenant \(.*\)\. Accept that\? \[y\/N\]: $/,
      ),
      expect.stringMatching(/"Domain\.ReadWrite\.All" can take over the tenant/),
      "Microsoft Graph application permissions, Tab completes [Directory.ReadWrite.All, Mail.Send]: ",
    ]);
    expect(configOf("test")).toEqual({
      "azure-native:location": "norwayeast",
      "copilot-token:apps": { A: { permissions: ["Directory.ReadWrite.All", "Mail.Send"] } },
      "copilot-token:acceptTierZero": ["Directory.ReadWrite.All"],
    });
  });

  it("replaces values of a file only after a yes", async () => {
    const before = "config:\n  azure-native:location: westeurope\n";
    writeFileSync(pathOf("test"), before);
    const all = [...flags, "--app", "A", "--owner", "none", "--reader", "none", "--email", "none"];
    const refused = await run(all, { typed: [enter] });
    expect([refused.ended, refused.world.printed, textOf("test")]).toEqual([
      1,
      ["Nothing was written."],
      before,
    ]);
    expect(refused.asked).toEqual([
      "Pulumi.test.yaml has other values for azure-native:location. Replace them? [y/N]: ",
    ]);

    expect((await run(all, { typed: ["y"] })).ended).toBe(0);
    expect(configOf("test")).toMatchObject({ "azure-native:location": "norwayeast" });
  });
});
