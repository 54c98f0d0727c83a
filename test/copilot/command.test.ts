import { mkdtemp, readdir, readFile, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { vaultSecretName } from "../../core/vault/vaultName";
import type { StackOutputs } from "../../core/outputs/stackOutputs";
import { execute, UsageError, type ExitCode } from "../../scripts/shared/command";
import { copilotCommand } from "../../scripts/copilot/command";
import { testWorld, type TestWorld } from "../support/testWorld";
import { app } from "./support/artefactFixture";

let directory: string;
let world: TestWorld;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "copilot-"));
  world = testWorld({ directory });
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const stackApp = (name: string, sequence = 1): StackOutputs["apps"][string] => ({
  displayName: name,
  clientId: app.clientId,
  applicationObjectId: app.clientId,
  servicePrincipalObjectId: app.clientId,
  permissions: ["User.Read.All"],
  signIn: "secret",
  federated: [],
  secretName: vaultSecretName(name),
  secretResourceId: app.secretResourceId.replace(
    "/vaults/kv/secrets/CopilotAPIAuth",
    `/vaults/kv-1/secrets/${vaultSecretName(name)}`,
  ),
  credential: {
    sequence,
    keyId: app.tenantId,
    cause: "first",
    startsAt: "2026-11-22T10:00:00Z",
    endsAt: `2027-0${sequence}-22T10:00:00Z`,
    nextRotationAt: "2027-01-21T10:00:00Z",
  },
});

async function writeOutputs(changes: Partial<StackOutputs> = {}): Promise<void> {
  const outputs: StackOutputs = {
    tenantId: app.tenantId,
    vaultName: "kv-1",
    vaultUri: "https://kv-1.vault.azure.net/",
    vaultResourceId: app.secretResourceId.replace(/\/kv\/secrets\/.*/, "/kv-1"),
    vaultNameFrom: "name",
    rotation: { everyDays: 60, keepDays: 60, graceDays: 14 },
    powerPlatform: { agents: [] },
    identities: {},
    apps: { CopilotAPIAuth: stackApp("CopilotAPIAuth"), "Second.app": stackApp("Second.app") },
    ...changes,
  };
  await writeFile(join(directory, "outputs.json"), JSON.stringify(outputs));
}

function run(...flags: string[]): Promise<ExitCode> {
  return execute(copilotCommand, flags, world);
}

async function failure(...flags: string[]): Promise<string> {
  try {
    await run(...flags);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("it worked");
}

/** Every file below a folder with its bytes. */
async function contents(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return new Map(
    await Promise.all(
      files
        .sort()
        .map(async (path): Promise<[string, string]> => [
          path.slice(folder.length + 1),
          (await readFile(path)).toString("base64"),
        ]),
    ),
  );
}

const fromFlags = [
  "--app", "CopilotAPIAuth", "--tenant-id", app.tenantId, "--client-id", app.clientId,
  "--secret-id", app.secretResourceId.replace("/kv/", "/kv-1/"), "--permission", "User.Read.All",
]; // prettier-ignore

describe("npm run copilot", () => {
  it("writes a folder for each app of the stack, in the project's own hidden folder by default", async () => {
    await writeOutputs();
    expect(await run("--outputs", "outputs.json")).toBe(0);
    const folder = join(directory, ".copilot-token", "copilot");
    expect((await readdir(folder)).sort()).toEqual(["CopilotAPIAuth", "Secondapp"]);
    expect(
      [...(await contents(join(folder, "CopilotAPIAuth"))).keys()].filter((path) => !path.includes("/")),
    ).toEqual(["README.md", "deployment-settings.json", "solution.zip"]);
    expect(world.told).toEqual([]);
  });

  it("writes only the apps that are asked for", async () => {
    await writeOutputs();
    await run("--outputs", "outputs.json", "--app", "Second.app", "--out", "made");
    expect(await readdir(join(directory, "made"))).toEqual(["Secondapp"]);
  });

  it("names the apps that it leaves out because no agent could use them", async () => {
    const { clientId, applicationObjectId, servicePrincipalObjectId, permissions } = stackApp("Job");
    const job = { displayName: "Job", clientId, servicePrincipalObjectId, permissions, federated: [] };
    await writeOutputs({
      apps: {
        CopilotAPIAuth: stackApp("CopilotAPIAuth"),
        Job: { ...job, applicationObjectId, signIn: "federated" },
        Agent: {
          ...job,
          identityResourceId: app.secretResourceId.replace(
            /KeyVault.*$/,
            "ManagedIdentity/userAssignedIdentities/agent",
          ),
          signIn: "managedIdentity",
        },
      },
    });
    await run("--outputs", "outputs.json", "--out", "made");
    expect(await readdir(join(directory, "made"))).toEqual(["CopilotAPIAuth"]);
    expect(world.told).toEqual([
      "Left out: Job, Agent. A flow or topic of an agent needs a client secret that stays, or a Logic App: no documented way lets it use the agent's own Entra Agent ID for Microsoft Graph.",
    ]);
  });

  it("writes the topic and the page's values for an app that acts as its signed-in user", async () => {
    const userSignIn = {
      redirectUris: [],
      users: [],
      assignedTo: [],
      tokenExchangeUrl: "api://botid-x/access_as_user",
    };
    const delegated = ["User.Read", "Files.ReadWrite"];
    await writeOutputs({
      apps: {
        CopilotAPIAuth: stackApp("CopilotAPIAuth"),
        Helpdesk: { ...stackApp("Helpdesk"), permissions: [], delegated, userSignIn },
      },
    });
    await run("--outputs", "outputs.json", "--out", "made");
    expect(world.told).toEqual([]);
    const { clientId } = stackApp("Helpdesk");
    const made = await contents(join(directory, "made", "Helpdesk"));
    expect([...made.keys()].sort()).toEqual([
      "README.md",
      "topics/ask-microsoft-graph-as-me.yaml",
      "topics/sign-in.yaml",
    ]);
    const readme = Buffer.from(made.get("README.md") ?? "", "base64").toString();
    for (const value of [
      clientId,
      "openid profile User.Read Files.ReadWrite",
      "api://botid-x/access_as_user",
    ])
      expect(readme).toContain(`\`${value}\``);
    expect(readme).toContain("with client secrets");
    expect(readme).not.toContain("agentSignIn");
  });

  it("writes the same from flags as from the stack", async () => {
    await writeOutputs({ apps: { CopilotAPIAuth: stackApp("CopilotAPIAuth") } });
    await run("--outputs", "outputs.json", "--app", "CopilotAPIAuth", "--out", "a");
    await run(...fromFlags, "--out", "b");
    expect(await contents(join(directory, "b"))).toEqual(await contents(join(directory, "a")));
  });

  it("writes the same again after a rotation", async () => {
    await writeOutputs({ apps: { CopilotAPIAuth: stackApp("CopilotAPIAuth") } });
    await run("--outputs", "outputs.json", "--out", "a");
    await writeOutputs({ apps: { CopilotAPIAuth: stackApp("CopilotAPIAuth", 2) } });
    await run("--outputs", "outputs.json", "--out", "b");
    expect(await contents(join(directory, "b"))).toEqual(await contents(join(directory, "a")));
  });

  it("takes prefix, environment and agents from the stack, unless flags say otherwise", async () => {
    await writeOutputs({ powerPlatform: { publisherPrefix: "contoso", agents: ["contoso_helpdesk"] } });
    await run("--outputs", "outputs.json", "--app", "CopilotAPIAuth", "--out", "a");
    await run("--outputs", "outputs.json", "--app", "CopilotAPIAuth", "--out", "b", "--prefix", "cr123", "--agent", "cr123_x"); // prettier-ignore
    const agents = async (folder: string): Promise<string[]> =>
      await readdir(join(directory, folder, "CopilotAPIAuth/solution/botcomponents"));
    expect(await agents("a")).toEqual([
      "contoso_helpdesk.action.AskMicrosoftGraphCopilotAPIAuth",
      "contoso_helpdesk.action.FindapersonCopilotAPIAuth",
      "contoso_helpdesk.topic.AskMicrosoftGraphCopilotAPIAuth",
      "contoso_helpdesk.topic.FindapersonCopilotAPIAuth",
      "contoso_helpdesk.topic.GetAzureAccessTokenCopilotAPIAuth",
    ]);
    expect((await agents("b"))[0]).toBe("cr123_x.action.AskMicrosoftGraphCopilotAPIAuth");
  });

  it("puts the app's name into what users see and say, as soon as there is more than one", async () => {
    await writeOutputs();
    await run(
      "--outputs",
      "outputs.json",
      "--app",
      "CopilotAPIAuth",
      "--out",
      "made",
      "--agent",
      "contoso_it",
    );
    const topics = await readFile(
      join(directory, "made/CopilotAPIAuth/topics/get-azure-access-token.flow.yaml"),
      "utf8",
    );
    expect(topics).toContain('modelDisplayName: "Get Azure Access Token: CopilotAPIAuth"');
    expect(topics).toContain("- Generate Access Token for CopilotAPIAuth\n");
    const flows = await readdir(join(directory, "made/CopilotAPIAuth/solution/Workflows"));
    expect(flows.filter((name) => !name.includes("CopilotAPIAuth-"))).toEqual([]);
  });

  it("raises the solution's version with its content, and with nothing else", async () => {
    const versionOf = async (...flags: string[]): Promise<string> => {
      await run(...fromFlags, "--out", "made", ...flags);
      const manifest = join(directory, "made/CopilotAPIAuth/solution/Other/Solution.xml");
      return /<Version>(.*)<\/Version>/.exec(await readFile(manifest, "utf8"))?.[1] ?? "";
    };
    const first = await versionOf();
    expect(first).toMatch(/^1\.0\.\d+\.\d+$/);
    expect(await versionOf()).toBe(first);
    expect(await versionOf("--direct", "--agent", "contoso_it")).toMatch(/^1\.1\.\d+\.\d+$/);
    expect(await versionOf()).toBe(first.replace(/^1\.0/, "1.2"));
    expect(await versionOf()).toBe(first.replace(/^1\.0/, "1.2"));
  });

  it("leaves nothing of an earlier run behind", async () => {
    await run(...fromFlags, "--out", "made", "--agent", "contoso_old");
    await run(...fromFlags, "--out", "made");
    const paths = [...(await contents(join(directory, "made"))).keys()];
    expect(paths.filter((path) => path.includes("contoso_old"))).toEqual([]);
    expect(paths).toContain("CopilotAPIAuth/README.md");
  });

  it("does not change a folder with other content", async () => {
    await mkdir(join(directory, "made/CopilotAPIAuth"), { recursive: true });
    await writeFile(join(directory, "made/CopilotAPIAuth/thesis.txt"), "x");
    expect(await failure(...fromFlags, "--out", "made")).toContain("thesis.txt");
    expect(await readdir(join(directory, "made/CopilotAPIAuth"))).toEqual(["thesis.txt"]);
  });

  it("names a place that is no folder", async () => {
    await writeFile(join(directory, "made"), "");
    expect(await failure(...fromFlags, "--out", "made")).toContain("is not a readable folder");
  });

  it("warns of the token when it is handed out", async () => {
    await run(...fromFlags, "--return-token");
    expect(world.told).toEqual([
      expect.stringMatching(/^Warning: with --return-token the agent shows a token/),
    ]);
  });

  it("says that the recommended pair was left out", async () => {
    await run(...fromFlags.slice(0, -1), "Mail.Read");
    expect(world.told).toEqual([expect.stringContaining("Name one with --graph-request")]);
  });
});

describe("npm run copilot with bad input", () => {
  it.each<[string, string[], string[]]>([
    [
      "every fault of flags at once",
      ["--app", "x", "--client-id", "nope", "--prefix", "1", "--agent", "bad", "--environment-id", "e"],
      [
        "6 settings cannot work. Nothing was changed.",
        "--tenant-id: (missing)",
        "--secret-id: (missing)",
        "--client-id (x): nope",
        "--prefix: 1",
        "--environment-id: e",
        "--agent: bad",
      ],
    ],
    ["two names without a stack", [...fromFlags, "--app", "Other"], ["--app: 2"]],
    [
      "an app that the stack does not have",
      ["--outputs", "outputs.json", "--app", "Third"],
      ["It has: CopilotAPIAuth, Second.app"],
    ],
    ["no outputs", ["--outputs", "nowhere.json"], ["the file does not exist", "--app NAME --tenant-id GUID"]],
    ["an unknown flag", ["--colour"], ["--colour", "--return-token"]],
    ["a graph field without a request", [...fromFlags, "--graph-field", "displayName"], ["--graph-request"]],
  ])("names %s, and writes nothing", async (_, flags, words) => {
    await writeOutputs();
    const message = await failure(...flags);
    for (const word of words) expect(message).toContain(word);
    expect(await readdir(directory)).toEqual(["outputs.json"]);
  });

  it("refuses two apps whose names would be one", async () => {
    await writeOutputs({ apps: { "My.app": stackApp("My.app"), "My-app": stackApp("My-app") } });
    expect(await failure("--outputs", "outputs.json")).toContain("--app: My-app");
    // Dataverse ignores case, and so do the folders of Windows.
    await writeOutputs({ apps: { Desk: stackApp("Desk"), desk: stackApp("desk") } });
    expect(await failure("--outputs", "outputs.json")).toContain("--app: desk");
  });
});

describe("npm run copilot -- --try", () => {
  it("shows the conversations, and neither token nor secret, and writes nothing", async () => {
    expect(await run("--try")).toBe(0);
    const shown = world.printed.join("\n");
    for (const words of [
      "you    Generate Access Token",
      "agent  Bearer token, valid for 3599 seconds.",
      "agent  Microsoft Graph answered with 3 (displayName): Adele Vance, Alex Wilber, Megan Bowen",
      'model  Find a person(Name: "Adele")',
      'tool   {"answer":"Adele Vance (AdeleV@contoso.onmicrosoft.com, Retail Manager)","count":"1"',
      'tool   {"answer":"","count":"0"',
      "agent  What is the person's name?",
      "agent  The client secret has expired.",
      "logic  Call_Microsoft_Graph: Succeeded; run history shows (hidden)",
      "logic  answered HTTP 403 without running",
    ]) {
      expect(shown).toContain(words);
    }
    expect(shown).not.toContain("eyJ");
    expect(await readdir(directory)).toEqual([]);
  });

  it("plays the requests that are asked for, and what changes something asks first", async () => {
    expect(await run("--try", "--request", "send-mail", "--mailbox", "support@contoso.com")).toBe(0);
    const shown = world.printed.join("\n");
    expect(shown).toContain("agent  Shall I send this mail from the shared mailbox?\n  you    yes");
    expect(shown).toContain("agent  The mail was handed to the mailbox for sending.");
    expect(shown).toContain("tool   did not run");
  });

  it("refuses what it could but pass over, all at once, since it plays an app of its own", async () => {
    await writeOutputs();
    expect(
      await failure("--try", "--app", "Second.app", "--outputs", "outputs.json", "--out", "made"),
    ).toContain("so it cannot take --app, --outputs, --out. Leave out --try");
    expect(world.printed).toEqual([]);
  });

  it("refuses settings that could not be imported", async () => {
    expect(await failure("--try", "--prefix", "1")).toContain("--prefix: 1");
  });
});
