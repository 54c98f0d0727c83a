import { describe, expect, it } from "vitest";
import { retiresAt } from "../../core/secrets/retirement";
import { appRoleIds, graphObjectId, guid, tenantId } from "../support/azureMocks";
import type { AppOutputs } from "../../core/outputs/stackOutputs";
import { publishedApp, publishedOutputs, publishedSecretApp } from "../support/publishedOutputs";
import { secretOf, type Mocks } from "../support/recordResources";
import { deployed, refused, runOf, runsAt, tree, type Deployed } from "../support/runProgram";

const permissions = ["User.Read.All"];
const prod = { github: "Contoso/Agents", environment: "prod" };
const prodCredential = {
  name: expect.stringMatching(/^github-Contoso-Agents-environment-prod-[0-9a-f]{8}$/) as string,
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:Contoso/Agents:environment:prod",
  audience: "api://AzureADTokenExchange",
};

const app = (more: object): Record<string, unknown> => ({ Mail: { permissions, ...more } });

/** What an earlier run published of the app. */
const published = (Mail: AppOutputs): Mocks => ({
  functions: { "azure-native:keyvault:getSecret": () => ({ tags: {} }) },
  previousOutputs: { ...publishedOutputs({ Mail }) },
});
const secret = (more: { retiredSince?: string } = {}): AppOutputs =>
  publishedSecretApp("Mail", { sequence: 3, startsAt: "2026-11-01T00:00:00Z", ...more });
const identityResourceId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/agent";

const appOf = ({ stackOutputs }: Deployed): Record<string, unknown> =>
  (stackOutputs["apps"] as Record<string, Record<string, unknown>>)["Mail"] ?? {};

/** Registrations of the app itself, without the vault's. */
const appTree = (run: Deployed): string[] =>
  tree(run)
    .filter((line) => !/vault|copilot-token-test-/.test(line))
    .map((line) => line.replace(/-[0-9a-f]{8} </, " <"))
    .sort();

const inputsOf = ({ resources }: Deployed, type: string): unknown[] =>
  resources.filter((one) => one.type.endsWith(`:${type}`)).map(({ inputs }) => inputs);

describe("an app that signs in by federation", () => {
  const settings = {
    apps: app({ credential: "federated", federated: [prod, { identity: "agent" }] }),
    identities: { agent: {} },
  };

  it("has federated credentials instead of a client secret", async () => {
    const run = await deployed(runOf(settings));
    expect(appTree(run)).toEqual(
      [
        "UserAssignedIdentity::agent < ManagedIdentity::agent",
        "ManagedIdentity::agent < Stack::copilot-token-test",
        "Application::Mail < AppRegistration::Mail",
        "ServicePrincipal::Mail < AppRegistration::Mail",
        "AppRegistration::Mail < GraphApp::Mail",
        "AppRoleAssignment::Mail-User.Read.All < AdminConsent::Mail",
        "RandomUuid::stack-id < Stack::copilot-token-test",
        "GraphApp::Mail < Stack::copilot-token-test",
        "AdminConsent::Mail < GraphApp::Mail",
        "ApplicationFederatedIdentityCredential::Mail-github-Contoso-Agents-environment-prod < AppFederation::Mail",
        "ApplicationFederatedIdentityCredential::Mail-identity-agent < AppFederation::Mail",
        "AppFederation::Mail < GraphApp::Mail",
      ].sort(),
    );
    expect(inputsOf(run, "ApplicationFederatedIdentityCredential")).toEqual([
      {
        applicationId: "/applications/Mail-object",
        displayName: prodCredential.name,
        issuer: prodCredential.issuer,
        subject: prodCredential.subject,
        audiences: [prodCredential.audience],
      },
      {
        applicationId: "/applications/Mail-object",
        displayName: "identity-agent",
        issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        subject: guid("9419c1"),
        audiences: ["api://AzureADTokenExchange"],
      },
    ]);
  });

  it("publishes whom it trusts", async () => {
    expect(appOf(await deployed(runOf(settings)))).toEqual({
      displayName: "Mail",
      clientId: "Mail-client",
      applicationObjectId: "Mail-object",
      servicePrincipalObjectId: "Mail-sp",
      permissions,
      owners: [guid("ca11e4")],
      signIn: "federated",
      federated: [
        prodCredential,
        {
          name: "identity-agent",
          issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
          subject: guid("9419c1"),
          audience: "api://AzureADTokenExchange",
          identityClientId: guid("c11e47"),
        },
      ],
    });
  });
});

describe("an app that is a managed identity", () => {
  const settings = {
    apps: app({ credential: "managedIdentity", identity: "agent" }),
    identities: { agent: { federated: [prod, { github: "Contoso/Agents", branch: "main" }] } },
  };

  it("has the permissions without an app registration", async () => {
    const run = await deployed(runOf(settings));
    expect(appTree(run)).toEqual(
      [
        "AppRoleAssignment::Mail-User.Read.All < AdminConsent::Mail",
        "RandomUuid::stack-id < Stack::copilot-token-test",
        "IdentityApp::Mail < Stack::copilot-token-test",
        "AdminConsent::Mail < IdentityApp::Mail",
        "FederatedIdentityCredential::agent-github-Contoso-Agents-environment-prod < ManagedIdentity::agent",
        "FederatedIdentityCredential::agent-github-Contoso-Agents-ref-refs-heads-main < ManagedIdentity::agent",
        "UserAssignedIdentity::agent < ManagedIdentity::agent",
        "ManagedIdentity::agent < Stack::copilot-token-test",
      ].sort(),
    );
    expect(inputsOf(run, "AppRoleAssignment")).toEqual([
      {
        appRoleId: appRoleIds["User.Read.All"],
        principalObjectId: guid("9419c1"),
        resourceObjectId: graphObjectId,
      },
    ]);
    expect(appOf(run)).toMatchObject({
      signIn: "managedIdentity",
      clientId: guid("c11e47"),
      displayName: "agent",
    });
    expect(appOf(run)).not.toHaveProperty("credential");
  });

  it("writes one federated credential after the other, since Azure refuses two at once", async () => {
    const { resources, dependencies } = await deployed(runOf(settings));
    const [first, second] = resources.filter(({ type }) => type.endsWith(":FederatedIdentityCredential"));
    expect(dependencies.get(`${second?.type ?? ""}::${second?.name ?? ""}`)).toContain(
      `${first?.type ?? ""}::${first?.name ?? ""}`,
    );
  });

  it.each([
    ["a managed identity", settings, published(publishedApp())],
    [
      "an app registration",
      { apps: app({}) },
      published(
        publishedApp({ signIn: "managedIdentity", applicationObjectId: undefined, identityResourceId }),
      ),
    ],
  ])(
    "is refused under the key of another kind, before anything changes (%s)",
    async (_what, given, mocks) => {
      expect(await refused(runOf(given), mocks)).toMatchObject({ code: "CREDENTIAL_FIXED" });
    },
  );
});

describe("an app that moves from a client secret to federation", () => {
  const settings = { apps: app({ credential: "federated", federated: [prod] }) };
  const secretsOf = ({ resources }: Deployed): string[] =>
    resources
      .filter(({ type }) => type === "pulumi-nodejs:dynamic/copilot-token:ClientSecret")
      .map(({ name, inputs }) => `${name}-${String(inputs["sequence"])}`);

  it("keeps the secret as it is, and says since when", async () => {
    const run = await deployed(runOf(settings), published(secret()));
    expect(secretsOf(run)).toEqual(["Mail-3"]);
    expect(appOf(run)).toMatchObject({
      signIn: "federated",
      credential: { sequence: 3, cause: "due", retiredSince: runsAt.toISOString() },
    });
  });

  it("drops it after keepDays, and remembers its number", async () => {
    const now = retiresAt(runsAt, { keepDays: 60 });
    const run = await deployed(
      runOf(settings, { now }),
      published({ ...secret({ retiredSince: runsAt.toISOString() }), signIn: "federated" }),
    );
    expect(secretsOf(run)).toEqual([]);
    expect(appOf(run)).toMatchObject({ signIn: "federated", lastSequence: 3 });
  });

  it("goes on with the next number when it comes back", async () => {
    const run = await deployed(runOf({ apps: app({}) }), published(publishedApp({ lastSequence: 3 })));
    expect(secretsOf(run)).toEqual(["Mail-4"]);
  });
});

describe("a separate granter", () => {
  it("gives every consent, does nothing else, and has no secret", async () => {
    const { resources } = await deployed(runOf({ granter: { clientId: guid("64a47e4") } }));
    const [granter] = resources.filter(({ type }) => type === "pulumi:providers:azuread");
    expect(granter?.inputs).toEqual({
      clientId: secretOf(guid("64a47e4")),
      tenantId,
      useOidc: "true",
      useMsi: "false",
      environment: "public",
    });
    const itsOwn = resources.filter(({ options }) => options.provider === granter?.name);
    expect(itsOwn.map(({ type, name }) => `${type.split(":").at(-1) ?? ""}::${name}`)).toEqual([
      "AppRoleAssignment::CopilotAPIAuth-User.Read.All",
    ]);
  });
});
