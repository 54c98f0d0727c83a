import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { azureNativeProvider } from "../../../../emulator/pulumi/providers/azureNative/provider";
import { restClient, type RestClient } from "../../../../emulator/pulumi/providers/restClient";
import { oldValues, type ResourceProvider } from "../../../../emulator/pulumi/resourceProvider";
import type { Properties } from "../../../../emulator/pulumi/properties";
import { startEmulatedAzure, type EmulatedAzureServer } from "../../../support/emulatedAzureServer";

const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";

let azure: EmulatedAzureServer;
let client: RestClient;
let provider: ResourceProvider;

beforeAll(async () => {
  azure = await startEmulatedAzure();
});
afterAll(() => azure.close());
beforeEach(() => {
  client = restClient(azure.environment);
  provider = azureNativeProvider(client, "westeurope");
  azure.requests();
});

interface Made {
  urn: string;
  id: string;
  inputs: Properties;
  outs: Properties;
}

/** Checks and creates, as the engine does. */
async function make(type: string, name: string, inputs: Properties): Promise<Made> {
  const urn = `urn:pulumi:test::copilot-token::azure-native:${type}::${name}`;
  const checked = await provider.check(urn, {}, inputs);
  expect(checked.failures).toEqual([]);
  const { id, outs } = await provider.create(urn, checked.inputs);
  return { urn, id, inputs: checked.inputs, outs };
}

async function change(made: Made, inputs: Properties): Promise<Properties> {
  const news = { ...made.inputs, ...inputs };
  const { outs } = await provider.update(made.id, made.urn, oldValues(made.outs, made.inputs), news);
  return outs;
}

const remove = (made: Made) => provider.delete(made.id, made.urn, oldValues(made.outs, made.inputs));
const difference = (made: Made, inputs: Properties) =>
  provider.diff(made.id, made.urn, oldValues(made.outs, made.inputs), { ...made.inputs, ...inputs });

async function makeGroup(): Promise<string> {
  const { outs } = await make("resources:ResourceGroup", "rg-", {});
  return String(outs["name"]);
}

function makeVault(resourceGroupName: string, inputs: Properties = {}): Promise<Made> {
  return make("keyvault:Vault", "kv", {
    resourceGroupName,
    properties: {
      tenantId: azure.tenant.state.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 7,
    },
    ...inputs,
  });
}

/** Method and type of each ARM request, with its status. */
function requests(): string[] {
  return azure
    .requests()
    .filter((request) => !request.includes("/oauth2/"))
    .map((request) => request.replace(/\/subscriptions\/\S+\/([\w.]+\/\w+)\/[^/?]+\?/, "$1?"));
}

describe("azure-native's way with a resource", () => {
  it("looks first, puts the whole body, reads it again", async () => {
    const resourceGroupName = await makeGroup();
    azure.requests();
    const made = await make("managedidentity:UserAssignedIdentity", "reader", {
      resourceGroupName,
      tags: { a: "1" },
    });
    const path = "Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31";

    expect(requests()).toEqual([`GET ${path} 404`, `PUT ${path} 201`, `GET ${path} 200`]);
    expect(made.outs).toMatchObject({
      azureApiVersion: "2023-01-31",
      type: "Microsoft.ManagedIdentity/userAssignedIdentities",
      location: "westeurope",
      tags: { a: "1" },
      tenantId: azure.tenant.state.tenantId,
      clientId: expect.any(String),
      principalId: expect.any(String),
    });
    expect(made.outs).not.toHaveProperty("properties");

    await change(made, { tags: { b: "2" } });
    expect(requests()).toEqual([`PUT ${path} 200`, `GET ${path} 200`]);
    await remove(made);
    await remove(made);
    expect((await provider.read(made.id, made.urn)).id).toBe("");
  });

  it("refuses to create what exists already", async () => {
    const resourceGroupName = await makeGroup();
    const name = { resourceGroupName, resourceName: "same" };
    await make("managedidentity:UserAssignedIdentity", "one", name);

    await expect(make("managedidentity:UserAssignedIdentity", "other", name)).rejects.toThrow(
      /^cannot create already existing resource '\/subscriptions\/.*\/same'$/,
    );
  });

  it("stops when it cannot tell whether something exists", async () => {
    const { verifier } = azure.tenant.identities;
    const environment = {
      ...azure.environment,
      ARM_CLIENT_ID: verifier.clientId,
      ARM_CLIENT_SECRET: verifier.clientSecret,
    };
    const powerless = restClient(environment);
    provider = azureNativeProvider(powerless, "westeurope");

    await expect(makeGroup()).rejects.toThrow(/^cannot check existence of resource '.*': status code 403, /);
  });

  it("passes on what ARM says", async () => {
    const inputs = { resourceGroupName: "nowhere" };

    await expect(make("managedidentity:UserAssignedIdentity", "x", inputs)).rejects.toThrow(
      'Status=404 Code="ResourceGroupNotFound"',
    );
  });

  it("waits for what Azure finishes later", async () => {
    azure.tenant.faults = { armAsync: true };
    const resourceGroupName = await makeGroup();
    const vault = await makeVault(resourceGroupName);
    azure.tenant.faults = {};

    expect(vault.outs["properties"]).toMatchObject({ provisioningState: "Succeeded" });
  });

  it.each([
    ["resources:ResourceGroup", "resourceGroupName", /^web[0-9a-f]{8}$/],
    ["keyvault:Vault", "vaultName", /^web[0-9a-f]{8}$/],
    ["keyvault:Secret", "secretName", /^web$/],
    ["eventgrid:SystemTopicEventSubscription", "eventSubscriptionName", /^web$/],
    ["authorization:RoleAssignment", "roleAssignmentName", /^[0-9a-f]{8}-[0-9a-f]{4}-/],
    ["authorization:RoleDefinition", "roleDefinitionId", /^[0-9a-f]{8}-[0-9a-f]{4}-/],
  ])("names a %s by itself, and keeps that name", async (type, key, pattern) => {
    const urn = `urn:pulumi:test::copilot-token::azure-native:${type}::web`;
    const { inputs } = await provider.check(urn, {}, {});
    const again = await provider.check(urn, inputs, {});

    expect(inputs[key]).toMatch(pattern);
    expect(again.inputs[key]).toBe(inputs[key]);
  });

  it("takes the location from the resource group when the stack has none", async () => {
    const { outs } = await make("resources:ResourceGroup", "far", { location: "Australia East" });
    provider = azureNativeProvider(client, undefined);
    const urn = "urn:pulumi:test::copilot-token::azure-native:keyvault:Vault::kv";
    const inGroup = await provider.check(urn, {}, { resourceGroupName: outs["name"] });
    const unknownGroup = await provider.check(
      urn,
      {},
      { resourceGroupName: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
    );

    expect(inGroup.inputs["location"]).toBe("australiaeast");
    expect(unknownGroup.inputs).not.toHaveProperty("location");
  });
});

describe("azure-native's keyvault.Vault", () => {
  it("keeps its properties nested, and other people's access policies", async () => {
    const vault = await makeVault(await makeGroup());
    expect(vault.outs["properties"]).toMatchObject({
      vaultUri: `https://${String(vault.outs["name"])}.vault.azure.net/`,
      accessPolicies: [],
    });
    const policies = [{ tenantId: "t", objectId: "o", permissions: { secrets: ["get"] } }];
    const resource = azure.tenant.state.arm.resources[vault.id.toLowerCase()];
    if (resource !== undefined) resource.properties["accessPolicies"] = policies;
    const outs = await change(vault, { tags: { a: "1" } });

    expect(outs).toMatchObject({ tags: { a: "1" }, properties: { accessPolicies: policies } });
    expect(await difference(vault, { tags: { a: "1" } })).toMatchObject({ changes: true, replaces: [] });
    expect(await difference(vault, { location: "northeurope" })).toMatchObject({ replaces: ["location"] });
    expect(await difference(vault, {})).toMatchObject({ changes: false });
  });
});

describe("azure-native's keyvault.Secret", () => {
  async function makeSecret(vault: Made, inputs: Properties = {}): Promise<Made> {
    return await make("keyvault:Secret", "one", {
      resourceGroupName: vault.inputs["resourceGroupName"],
      vaultName: vault.inputs["vaultName"],
      properties: { value: "first", attributes: { enabled: true, expires: 1_900_000_000 } },
      ...inputs,
    });
  }

  const versions = (vault: Made) =>
    azure.tenant.state.vaults[String(vault.outs["name"])]?.secrets["one"]?.versions ?? [];

  it("is written without its value coming back, and deleted by the vault itself", async () => {
    const vault = await makeVault(await makeGroup());
    const secret = await makeSecret(vault);
    expect(versions(vault)).toMatchObject([{ value: "first", exp: 1_900_000_000 }]);
    expect(secret.outs["properties"]).toMatchObject({
      attributes: { enabled: true, expires: 1_900_000_000 },
    });
    expect(JSON.stringify(secret.outs)).not.toContain("first");

    await change(secret, { properties: { value: "second" }, tags: { sequence: "2" } });
    expect(versions(vault).map(({ value }) => value)).toEqual(["first", "second"]);
    azure.requests();
    await remove(secret);
    expect(requests()).toEqual(["DELETE /secrets/one?api-version=7.6 200"]);
    await remove(secret);
  });

  it("recovers a deleted one of its name, with its history", async () => {
    const vault = await makeVault(await makeGroup());
    await remove(await makeSecret(vault));
    await makeSecret(vault, { properties: { value: "again" } });

    expect(versions(vault).map(({ value }) => value)).toEqual(["first", "again"]);
  });

  it("is replaced, old one first, when it moves", async () => {
    const vault = await makeVault(await makeGroup());
    const secret = await makeSecret(vault);

    expect(await difference(secret, { secretName: "other" })).toMatchObject({
      replaces: ["secretName"],
      deleteBeforeReplace: true,
    });
    expect((await provider.read(secret.id, secret.urn)).inputs).toMatchObject({
      secretName: "one",
      properties: { attributes: { enabled: true } },
    });
  });
});

describe("the other types of azure-native", () => {
  it("assigns a role at a single secret", async () => {
    const vault = await makeVault(await makeGroup());
    const { subscriptionId } = azure.tenant.state;
    const made = await make("authorization:RoleAssignment", "reader", {
      scope: `${vault.id}/secrets/one`,
      principalId: azure.tenant.identities.verifier.objectId,
      principalType: "ServicePrincipal",
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`,
    });

    expect(
      made.id.startsWith(`${vault.id}/secrets/one/providers/Microsoft.Authorization/roleAssignments/`),
    ).toBe(true);
    expect(made.outs).toMatchObject({ principalId: azure.tenant.identities.verifier.objectId });
    expect((await provider.read(made.id, made.urn)).inputs).toMatchObject({
      roleAssignmentName: made.inputs["roleAssignmentName"],
      principalType: "ServicePrincipal",
    });
    await remove(made);
    expect((await provider.read(made.id, made.urn)).id).toBe("");
  });

  it("watches a vault: workspace, diagnostics, topic, subscription, action group", async () => {
    const resourceGroupName = await makeGroup();
    const vault = await makeVault(resourceGroupName);
    const workspace = await make("operationalinsights:Workspace", "log", {
      resourceGroupName,
      sku: { name: "PerGB2018" },
    });
    const diagnostics = await make("monitor:DiagnosticSetting", "audit", {
      name: "audit",
      resourceUri: vault.id,
      workspaceId: workspace.id,
      logs: [{ category: "AuditEvent", enabled: true }],
    });
    const alert = await make("monitor:ActionGroup", "mail", {
      resourceGroupName,
      location: "Global",
      enabled: true,
      groupShortName: "secrets",
      emailReceivers: [{ name: "team", emailAddress: "team@contoso.com" }],
    });
    const topic = await make("eventgrid:SystemTopic", "events", {
      resourceGroupName,
      source: vault.id,
      topicType: "Microsoft.KeyVault.vaults",
    });
    const destination = { endpointType: "MonitorAlert", severity: "Sev2", actionGroups: [alert.id] };
    const subscription = await make("eventgrid:SystemTopicEventSubscription", "expiry", {
      resourceGroupName,
      systemTopicName: topic.outs["name"],
      destination,
      eventDeliverySchema: "CloudEventSchemaV1_0",
      filter: { includedEventTypes: ["Microsoft.KeyVault.SecretNearExpiry"] },
    });

    expect(diagnostics.outs).toMatchObject({
      workspaceId: workspace.id,
      logs: [{ category: "AuditEvent", enabled: true }],
    });
    const imported = await provider.read(diagnostics.id, diagnostics.urn);
    const replacing = await provider.diff(
      imported.id,
      diagnostics.urn,
      oldValues(imported.props, imported.inputs),
      diagnostics.inputs,
    );
    // Azure tells the ID in lower case, and an ID does not say whether its resource began with a slash.
    expect(replacing).toMatchObject({ replaces: ["resourceUri"], deleteBeforeReplace: true });
    expect(await difference(workspace, { resourceGroupName: "other" })).toMatchObject({
      replaces: ["resourceGroupName"],
      deleteBeforeReplace: false,
    });
    expect(alert.outs).toMatchObject({ groupShortName: "secrets", emailReceivers: [{ name: "team" }] });
    expect(subscription.outs).toMatchObject({ destination });
    for (const made of [subscription, topic, alert, diagnostics, workspace]) await remove(made);
    expect((await provider.read(topic.id, topic.urn)).id).toBe("");
  });

  it("makes identities that trust others, and a workflow with an identity", async () => {
    const resourceGroupName = await makeGroup();
    const identity = await make("managedidentity:UserAssignedIdentity", "reader", { resourceGroupName });
    const trust = await make("managedidentity:FederatedIdentityCredential", "github", {
      resourceGroupName,
      resourceName: identity.outs["name"],
      audiences: ["api://AzureADTokenExchange"],
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:contoso/agents:ref:refs/heads/main",
    });
    const workflow = await make("logic:Workflow", "flow", {
      resourceGroupName,
      definition: { $schema: "x", actions: {}, triggers: {}, parameters: { attributes: { exp: 1 } } },
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
    });

    expect(trust.outs).toMatchObject({ subject: "repo:contoso/agents:ref:refs/heads/main", name: "github" });
    expect(workflow.outs).toMatchObject({
      definition: { parameters: { attributes: { exp: 1 } } },
      identity: { userAssignedIdentities: { [identity.id]: {} } },
    });
  });
});

describe("a workflow's access control", () => {
  const definition = { $schema: "x", actions: {}, triggers: {}, parameters: {} };
  const sasAuthenticationPolicy = { state: "Disabled" };
  const allowedCallerIpAddresses = [{ addressRange: "203.0.113.0/24" }];
  const accessControl = { triggers: { sasAuthenticationPolicy, allowedCallerIpAddresses } };
  let resourceGroupName: string;
  beforeEach(async () => {
    resourceGroupName = await makeGroup();
  });

  it("loses on the way to Azure what the typed resource does not know", async () => {
    const workflow = await make("logic:Workflow", "typed", { resourceGroupName, definition, accessControl });
    expect(workflow.outs["accessControl"]).toEqual({ triggers: { allowedCallerIpAddresses } });
  });

  it("reaches Azure whole by the generic resource, by the API version that the program states", async () => {
    const identity = await make("managedidentity:UserAssignedIdentity", "by-generic-", { resourceGroupName });
    azure.requests();
    const inputs = {
      resourceGroupName,
      resourceProviderNamespace: "Microsoft.Logic",
      parentResourcePath: "",
      resourceType: "workflows",
      apiVersion: "2019-05-01",
      resourceName: "generic",
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      properties: { definition, accessControl },
    };
    const workflow = await make("resources:Resource", "generic", inputs);
    expect(workflow.outs).toMatchObject({
      properties: { accessControl, accessEndpoint: expect.stringContaining("logic.azure.com") as string },
      identity: { userAssignedIdentities: { [identity.id]: {} } },
    });
    const changed = await change(workflow, { properties: { definition, accessControl: {} } });
    expect(changed).toMatchObject({ properties: { accessControl: {} } });
    await remove(workflow);
    const sent = requests().filter((line) => line.includes("workflows"));
    expect(sent.length).toBeGreaterThan(4);
    expect(sent.filter((line) => !line.includes("api-version=2019-05-01"))).toEqual([]);
  });
});

describe("the functions of azure-native", () => {
  it("tell who runs the program, from the token alone", async () => {
    const { outputs } = await provider.invoke("azure-native:authorization:getClientConfig", {});
    const { clientId, objectId } = azure.tenant.identities.deployer;
    const { tenantId, subscriptionId } = azure.tenant.state;

    expect(outputs).toEqual({ clientId, objectId, tenantId, subscriptionId });
    expect(requests()).toEqual([]);
  });
});
