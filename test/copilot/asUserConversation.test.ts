import { beforeAll, describe, expect, it } from "vitest";
import { asMeProblems, notSignedIn } from "../../copilot/asUser/asMeRequests";
import { artefactPaths } from "../../copilot/files";
import { defaultCopilotSettings } from "../../copilot/settings";
import { OperatorError } from "../../core/errors";
import { connectorSignIn, importConnector } from "../../emulator/powerPlatform/powerApps";
import type { Tenant } from "../../emulator/tenant/tenant";
import { createSigningKey } from "../../emulator/entra/tokens";
import { connectCommand } from "../../scripts/copilot/connect";
import { showUserTrial } from "../../scripts/copilot/trial/showTrial";
import { userTrial, type UserConversation, type UserTrial } from "../../scripts/copilot/trial/userTrial";
import { armEnvironment, azureExchange, jsonAnswer, testWorld, type TestWorld } from "../support/testWorld";

const adele = "AdeleV@contoso.onmicrosoft.com";
const megan = "MeganB@contoso.onmicrosoft.com";

const signingKey = createSigningKey();
let trial: UserTrial;
beforeAll(async () => {
  trial = await userTrial(defaultCopilotSettings, { signingKey });
});

function saidBy({ events }: UserConversation): string[] {
  return events.flatMap((event) => (event.kind === "message" ? [event.text] : []));
}

function messageFor(code: string): string {
  return asMeProblems.find(({ codes }) => codes.includes(code))?.message ?? "no message";
}

describe("the topic Ask Microsoft Graph as me", () => {
  it("shows a signed-in user its own profile and files", async () => {
    const talk = await trial.ask(adele);
    expect(talk.signIn).toBe("signed in");
    expect(saidBy(talk)).toEqual([
      "[Sign in] Please sign in. I then reach what you can reach (User.Read, Files.ReadWrite), and no more.",
      "Your profile: Adele Vance",
      "Your files: Notes of Adele Vance.txt",
    ]);
  });

  it("tells a user who may not see a file", async () => {
    const file = trial.fileOf(adele);
    expect(saidBy(await trial.ask(adele, file)).at(-1)).toBe(
      "Answer of Microsoft Graph: Notes of Adele Vance.txt",
    );
    const [, said] = saidBy(await trial.ask(megan, file));
    expect(said).toMatch(new RegExp(`^${messageFor("HTTP_403")} \\(HTTP_403: .+\\)$`));
  });

  it("asks nothing for a user whose sign-in ended without consent", async () => {
    const without = await userTrial(defaultCopilotSettings, { signingKey, consent: false });
    const talk = await without.ask(adele);
    expect(talk.signIn).toEqual({ refusal: expect.stringContaining("AADSTS90094") });
    expect(talk.events.filter(({ kind }) => kind === "request")).toEqual([]);
    expect(saidBy(talk).at(-1)).toBe(notSignedIn);
    const { signIn, answers } = await without.askByConnector(adele);
    expect(signIn).toEqual({ refusal: expect.stringContaining("AADSTS65001") });
    expect(answers).toEqual([]);
  });

  it("never says the token", async () => {
    const shown = await showUserTrial(trial, trial);
    expect(shown.join("\n")).toContain("Notes of Adele Vance.txt");
    expect(shown.join("\n")).not.toMatch(/eyJ/);
  });
});

describe("the connector", () => {
  it("asks as the user, on whose behalf its managed identity signs in", async () => {
    const { signIn, answers } = await trial.askByConnector(adele);
    expect(signIn).toBe("signed in");
    expect(answers.map(({ operationId, status }) => [operationId, status])).toEqual([
      ["GetYourProfile", 200],
      ["GetYourFiles", 200],
    ]);
    expect(JSON.parse(answers[1]?.body ?? "")).toMatchObject({
      value: [{ name: "Notes of Adele Vance.txt" }],
    });
    const refused = await trial.askByConnector(megan, trial.fileOf(adele));
    expect(refused.answers).toMatchObject([{ status: 403 }]);
  });
});

describe("npm run copilot -- --connect", () => {
  const environmentId = "11111111-2222-4333-8444-555555555555";
  const worldOf = (tenant: Tenant): TestWorld =>
    testWorld({
      exchange: azureExchange(tenant),
      env: armEnvironment(tenant, "deployer"),
      now: () => tenant.clock.now(),
      onSleep: (milliseconds) => {
        if (!("advance" in tenant.clock)) throw new Error("The clock does not stand still.");
        (tenant.clock as { advance: (by: number) => void }).advance(milliseconds);
      },
    });
  const connect = (world: TestWorld, app = trial.app): Promise<string> =>
    connectCommand(world, app, defaultCopilotSettings, environmentId);
  const zipOf = ({ files }: UserTrial): Uint8Array => files.get(artefactPaths.connectorZip) as Uint8Array;

  it("waits for the connector's identity, and gives the command that takes it in", async () => {
    const world = worldOf(trial.tenant);
    await expect(connect(world)).rejects.toMatchObject({ code: "CONNECTOR_MISSING" });
    const connector = importConnector(trial.tenant, environmentId, zipOf(trial));
    const { issuer, subject, redirectUrl } = connectorSignIn(connector, trial.tenant);
    const path = "pulumi config set --path copilot-token:apps.HelpdeskAgent.connectorSignIn";
    expect((await connect(world)).replaceAll("'", "")).toBe(
      `${path}.issuer ${issuer} && ${path}.subject ${subject} && ${path}.redirectUri ${redirectUrl} && pulumi up`,
    );
    expect(world.sleptSeconds()).toBeGreaterThan(60);
  });

  const own = () =>
    connectorSignIn({ ...trial.tenant.connectors[0], name: "shared_x" } as never, trial.tenant);
  it.each([
    ["another app's", () => ({ clientId: environmentId }), "signs in as client"],
    ["of another issuer", () => ({ issuer: "https://issuer.example/v2.0" }), "its issuer is"],
    ["of another tenant's service", () => ({ subject: "/eid1/c/pub/t/x/a/y/z" }), "its subject"],
    ["sent elsewhere", () => ({ redirectUrl: "https://redirect.example/redirect/x" }), "its redirect URL is"],
  ])("refuses a connector that is %s", async (_, changes, reason) => {
    const { clientId, issuer, subject, redirectUrl } = {
      clientId: trial.app.clientId,
      ...own(),
      ...changes(),
    };
    const FederatedIdentityCredentials = {
      Issuer: issuer,
      Subject: subject,
      Audience: "api://AzureADTokenExchange",
    };
    const oAuthSettings = { clientId, redirectUrl, properties: { FederatedIdentityCredentials } };
    const answer = {
      name: "shared_x",
      properties: { displayName: "HelpdeskAgent as me", connectionParameters: { token: { oAuthSettings } } },
    };
    const world = testWorld({
      env: armEnvironment(trial.tenant, "deployer"),
      now: () => trial.tenant.clock.now(),
      exchange: azureExchange(trial.tenant, ({ url }) => {
        if (!url.startsWith("https://api.powerapps.com/")) return undefined;
        return jsonAnswer(200, url.includes("/shared_x") ? answer : { value: [answer] });
      }),
    });
    const error: unknown = await connect(world).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({ code: "CONNECTOR_UNEXPECTED", message: expect.stringContaining(reason) });
  });

  it("says when there is no identity in time", async () => {
    const other = await userTrial(defaultCopilotSettings, { signingKey });
    importConnector(other.tenant, environmentId, zipOf(other));
    // A clock that stands still: only the command's own time passes.
    let waited = 0;
    const world = testWorld({
      exchange: azureExchange(other.tenant),
      env: armEnvironment(other.tenant, "deployer"),
      now: () => new Date(other.tenant.clock.now().getTime() + waited),
      onSleep: (milliseconds) => {
        waited += milliseconds;
      },
    });
    await expect(connect(world, other.app)).rejects.toMatchObject({ code: "CONNECTOR_PENDING" });
  });
});
