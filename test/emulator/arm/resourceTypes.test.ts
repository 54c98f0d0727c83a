import { beforeEach, describe, expect, it } from "vitest";
import { EmulatedServices, startedAt } from "../../support/emulatedServices";

let azure: EmulatedServices;
let group: string;
beforeEach(async () => {
  azure = await EmulatedServices.create();
  group = await azure.makeGroup();
});

function put(id: string, body: object): ReturnType<EmulatedServices["arm"]> {
  return azure.arm("PUT", id, { body });
}

describe("a user-assigned identity", () => {
  it("brings a service principal, which goes with it", async () => {
    const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
    const made = await put(id, { location: "westeurope", tags: { a: "1" } });
    const { principalId, clientId } = made.body.properties;
    expect([made.status, made.body]).toEqual([
      201,
      {
        id,
        name: "reader",
        type: "Microsoft.ManagedIdentity/userAssignedIdentities",
        location: "westeurope",
        tags: { a: "1" },
        properties: { tenantId: azure.tenant.state.tenantId, principalId, clientId },
      },
    ]);
    const { servicePrincipals } = azure.tenant.state.directory;
    expect(servicePrincipals[principalId]).toMatchObject({
      id: principalId,
      appId: clientId,
      displayName: "reader",
      servicePrincipalType: "ManagedIdentity",
      alternativeNames: ["isExplicit=True", id],
    });
    const again = await put(id, { location: "westeurope" });
    expect([again.status, again.body.properties]).toEqual([200, made.body.properties]);
    expect((await azure.arm("DELETE", id)).status).toBe(200);
    expect(servicePrincipals[principalId]).toBeUndefined();
  });

  describe("with federated credentials", () => {
    const credential = {
      issuer: "https://token.actions.githubusercontent.com",
      subject: "repo:a/b:ref:c",
      audiences: ["x"],
    };
    let id: string;
    beforeEach(async () => {
      id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
      await put(id, { location: "westeurope" });
    });
    const path = (name: string): string => `${id}/federatedIdentityCredentials/${name}`;

    it("keeps them, lists them, and loses them with itself", async () => {
      const made = await put(path("main"), { properties: credential });
      expect([made.status, made.body]).toEqual([
        201,
        {
          id: path("main"),
          name: "main",
          type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
          properties: credential,
        },
      ]);
      expect((await azure.arm("GET", `${id}/federatedIdentityCredentials`)).body.value).toEqual([made.body]);
      await azure.arm("DELETE", id);
      expect((await azure.arm("GET", path("main"))).status).toBe(404);
    });

    it("takes one write at a time", async () => {
      const answers = await Promise.all([
        put(path("one"), { properties: credential }),
        put(path("two"), { properties: { ...credential, subject: "repo:a/b:ref:d" } }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      const refused = answers.find(({ status }) => status === 409);
      expect(refused?.body.error.code).toBe(
        "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity",
      );
    });

    it.each([
      ["no issuer", "main", { ...credential, issuer: undefined }, 400],
      ["two audiences", "main", { ...credential, audiences: ["a", "b"] }, 400],
      ["a short name", "ab", credential, 400],
    ])("refuses one with %s", async (_, name, properties, status) => {
      expect((await put(path(name), { properties })).status).toBe(status);
    });

    it("refuses the same issuer and subject twice, and a twenty-first", async () => {
      await put(path("first"), { properties: credential });
      expect((await put(path("first"), { properties: credential })).status).toBe(200);
      expect((await put(path("again"), { properties: credential })).status).toBe(409);
      for (let count = 2; count <= 20; count++) {
        await put(path(`number-${count}`), { properties: { ...credential, subject: `subject-${count}` } });
      }
      const { status, body } = await put(path("number-21"), {
        properties: { ...credential, subject: "subject-21" },
      });
      expect([status, body.error.message]).toEqual([400, expect.stringContaining("at most 20")]);
    });

    it("needs the identity", async () => {
      const orphan = path("main").replace("/reader/", "/nobody/");
      const { status, body } = await put(orphan, { properties: credential });
      expect([status, body.error.code]).toEqual([404, "ParentResourceNotFound"]);
    });
  });
});

describe("a deleted Log Analytics workspace", () => {
  const idIn = (resourceGroup: string): string =>
    `${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/logs`;
  const listed = async (scope: string, as?: typeof azure.verifier) => {
    const path = `${scope}/providers/Microsoft.OperationalInsights/deletedWorkspaces`;
    const { status, body } = await azure.arm("GET", path, as === undefined ? {} : { as });
    return [status, (body.value as { id: string }[] | undefined)?.map(({ id }) => id)];
  };

  it("is listed, keeps its name, and comes back when it is made again", async () => {
    const made = await put(idIn(group), { location: "westeurope" });
    await azure.arm("DELETE", idIn(group));
    expect(await listed(azure.subscription)).toEqual([200, [idIn(group)]]);
    expect(await listed(group)).toEqual([200, [idIn(group)]]);
    const other = `${azure.subscription}/resourceGroups/other`;
    await put(other, { location: "westeurope" });
    expect(await listed(other)).toEqual([200, []]);
    const taken = await put(idIn(other), { location: "westeurope" });
    expect([taken.status, taken.body.error.message]).toEqual([
      409,
      "The workspace name 'logs' is not unique",
    ]);
    const again = await put(idIn(group), { location: "westeurope" });
    expect(again.body.properties.customerId).toBe(made.body.properties.customerId);
    expect(await listed(azure.subscription)).toEqual([200, []]);
  });

  it("is gone after 14 days, and cannot be read without a right", async () => {
    await put(idIn(group), { location: "westeurope" });
    await azure.arm("DELETE", idIn(group));
    expect((await listed(azure.subscription, azure.verifier))[0]).toBe(403);
    azure.tenant.clock.advance(14 * 86_400_000 - 1);
    expect(await listed(azure.subscription)).toEqual([200, [idIn(group)]]);
    azure.tenant.clock.advance(1);
    expect(await listed(azure.subscription)).toEqual([200, []]);
  });
});

describe("a diagnostic setting", () => {
  let vaultId: string;
  let workspaceId: string;
  let path: string;
  beforeEach(async () => {
    vaultId = await azure.makeVault("kv-apps");
    workspaceId = `${group}/providers/Microsoft.OperationalInsights/workspaces/logs`;
    await put(workspaceId, { location: "westeurope" });
    path = `${vaultId}/providers/Microsoft.Insights/diagnosticSettings/audit`;
  });

  it("is always answered with 200, with the resource's ID in lower case, and completed", async () => {
    expect((await azure.arm("GET", path)).status).toBe(404);
    const body = { properties: { workspaceId, logs: [{ categoryGroup: "audit", enabled: true }] } };
    const made = await put(path, body);
    expect([made.status, made.body]).toEqual([
      200,
      {
        id: `${vaultId.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/audit`,
        name: "audit",
        type: "Microsoft.Insights/diagnosticSettings",
        properties: {
          workspaceId,
          storageAccountId: null,
          eventHubAuthorizationRuleId: null,
          eventHubName: null,
          marketplacePartnerId: null,
          serviceBusRuleId: null,
          logAnalyticsDestinationType: null,
          logs: [
            {
              category: null,
              categoryGroup: "audit",
              enabled: true,
              retentionPolicy: { enabled: false, days: 0 },
            },
          ],
          metrics: [],
        },
      },
    ]);
    expect((await azure.arm("GET", path)).body).toEqual(made.body);
    const list = await azure.arm("GET", `${vaultId}/providers/microsoft.insights/diagnosticSettings`);
    expect(list.body.value).toEqual([made.body]);
    expect((await azure.arm("DELETE", path)).status).toBe(200);
    expect((await azure.arm("DELETE", path)).status).toBe(204);
  });

  it.each([
    ["no destination", { logs: [] }, 400, "BadRequest"],
    ["a log that vaults have not", { logs: [{ category: "Audit", enabled: true }] }, 400, "BadRequest"],
    ["a metric that vaults have not", { metrics: [{ category: "Availability" }] }, 400, "BadRequest"],
  ])("is refused with %s", async (name, properties, status, code) => {
    const destination = name === "no destination" ? {} : { workspaceId };
    const answer = await put(path, { properties: { ...destination, ...properties } });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it("needs its workspace and its resource", async () => {
    const noWorkspace = await put(path, { properties: { workspaceId: `${workspaceId}x` } });
    expect([noWorkspace.status, noWorkspace.body.error.code]).toEqual([404, "ResourceNotFound"]);
    const noVault = await put(path.replace("kv-apps", "kv-none"), { properties: { workspaceId } });
    expect([noVault.status, noVault.body.error.code]).toEqual([404, "ResourceNotFound"]);
  });
});

describe("a Log Analytics workspace", () => {
  it("gets what Azure adds, and keeps it", async () => {
    const id = `${azure.subscription}/resourcegroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs`;
    const made = await put(id, { location: "westeurope", properties: { sku: { name: "PerGB2018" } } });
    const instant = startedAt.toISOString();
    expect([made.status, made.body.properties]).toEqual([
      201,
      {
        customerId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        provisioningState: "Succeeded",
        sku: { name: "PerGB2018", lastSkuUpdate: instant },
        retentionInDays: 30,
        features: { legacy: 0, searchVersion: 1, enableLogAccessUsingOnlyResourcePermissions: true },
        workspaceCapping: {
          dailyQuotaGb: -1,
          quotaNextResetTime: instant,
          dataIngestionStatus: "RespectQuota",
        },
        publicNetworkAccessForIngestion: "Enabled",
        publicNetworkAccessForQuery: "Enabled",
        createdDate: instant,
        modifiedDate: instant,
      },
    ]);
    const changed = await put(id, { location: "westeurope", properties: { retentionInDays: 90 } });
    expect([changed.status, changed.body.properties]).toEqual([
      200,
      { ...made.body.properties, retentionInDays: 90 },
    ]);
    const tooShort = await put(id, { location: "westeurope", properties: { retentionInDays: 7 } });
    expect([tooShort.status, tooShort.body.error.code]).toEqual([400, "InvalidParameter"]);
  });
});

describe("alerts on a vault's events", () => {
  let vaultId: string;
  let topicId: string;
  let actionGroupId: string;
  beforeEach(async () => {
    vaultId = await azure.makeVault("kv-apps");
    topicId = `${group}/providers/Microsoft.EventGrid/systemTopics/vault-events`;
    actionGroupId = `${group}/providers/Microsoft.Insights/actionGroups/mail`;
    await put(actionGroupId, {
      location: "Global",
      properties: {
        groupShortName: "mail",
        enabled: true,
        emailReceivers: [{ name: "ops", emailAddress: "ops@contoso.com" }],
      },
    });
  });

  const topic = (): object => ({
    location: "westeurope",
    properties: { source: vaultId, topicType: "Microsoft.KeyVault.vaults" },
  });
  const subscription = (change: object = {}): object => ({
    properties: {
      destination: {
        endpointType: "MonitorAlert",
        properties: { severity: "Sev2", actionGroups: [actionGroupId], description: "Secret" },
      },
      eventDeliverySchema: "CloudEventSchemaV1_0",
      filter: { includedEventTypes: ["Microsoft.KeyVault.SecretNearExpiry"] },
      ...change,
    },
  });

  it("go from system topic to action group", async () => {
    const made = await put(topicId, topic());
    expect([made.status, made.body.properties]).toEqual([
      201,
      {
        provisioningState: "Succeeded",
        source: vaultId,
        topicType: "Microsoft.KeyVault.vaults",
        metricResourceId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    ]);
    const subscribed = await put(`${topicId}/eventSubscriptions/near-expiry`, subscription());
    expect([subscribed.status, subscribed.body]).toEqual([
      201,
      {
        id: `${topicId}/eventSubscriptions/near-expiry`,
        name: "near-expiry",
        type: "Microsoft.EventGrid/systemTopics/eventSubscriptions",
        properties: {
          topic: topicId,
          provisioningState: "Succeeded",
          destination: {
            endpointType: "MonitorAlert",
            properties: { severity: "Sev2", actionGroups: [actionGroupId], description: "Secret" },
          },
          filter: {
            isSubjectCaseSensitive: false,
            includedEventTypes: ["Microsoft.KeyVault.SecretNearExpiry"],
          },
          labels: [],
          eventDeliverySchema: "CloudEventSchemaV1_0",
          retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
        },
      },
    ]);
    expect((await put(`${topicId}/eventSubscriptions/near-expiry`, subscription())).status).toBe(201);
    const direct = await put(
      `${vaultId}/providers/Microsoft.EventGrid/eventSubscriptions/direct`,
      subscription(),
    );
    expect([direct.status, direct.body.properties.topic]).toEqual([201, vaultId]);
    const listed = await azure.arm("GET", `${vaultId}/providers/Microsoft.EventGrid/eventSubscriptions`);
    expect(listed.body.value).toEqual([direct.body]);
  });

  it.each([
    ["Event Grid's own schema", { eventDeliverySchema: "EventGridSchema" }, 400, "InvalidRequest"],
    ["no schema", { eventDeliverySchema: undefined }, 400, "InvalidRequest"],
    ["no destination", { destination: undefined }, 400, "InvalidRequest"],
    ["no severity", { destination: { endpointType: "MonitorAlert", properties: {} } }, 400, "InvalidRequest"],
    ["a webhook", { destination: { endpointType: "WebHook", properties: {} } }, 501, "NotEmulated"],
  ])("are refused with %s", async (_, change, status, code) => {
    await put(topicId, topic());
    const answer = await put(`${topicId}/eventSubscriptions/near-expiry`, subscription(change));
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it("need their action group, their topic, and a source of the topic's type that is there", async () => {
    await put(topicId, topic());
    await azure.arm("DELETE", actionGroupId);
    expect((await put(`${topicId}/eventSubscriptions/near-expiry`, subscription())).body.error.code).toBe(
      "ResourceNotFound",
    );
    const noTopic = await put(`${topicId}x/eventSubscriptions/near-expiry`, subscription());
    expect(noTopic.body.error.code).toBe("ParentResourceNotFound");
    const noSource = await put(`${topicId}2`, {
      location: "westeurope",
      properties: { source: `${vaultId}x`, topicType: "Microsoft.KeyVault.vaults" },
    });
    expect([noSource.status, noSource.body.error.code]).toEqual([404, "ResourceNotFound"]);
    const otherType = await put(`${topicId}2`, {
      location: "westeurope",
      properties: { source: vaultId, topicType: "Microsoft.Storage.StorageAccounts" },
    });
    expect([otherType.status, otherType.body.error.code]).toEqual([400, "InvalidRequest"]);
  });

  it("alert Azure Monitor only for Key Vault", async () => {
    const elsewhere = `${group}/providers/Microsoft.EventGrid/eventSubscriptions/direct`;
    const { status, body } = await put(elsewhere, subscription());
    expect([status, body.error.message]).toEqual([
      400,
      "Azure Monitor alerts take the events of Azure Key Vault only.",
    ]);
  });

  it("reach an action group that is whole", async () => {
    const { body } = await azure.arm("GET", actionGroupId);
    expect(body).toMatchObject({
      location: "Global",
      properties: {
        groupShortName: "mail",
        enabled: true,
        emailReceivers: [
          { name: "ops", emailAddress: "ops@contoso.com", useCommonAlertSchema: false, status: "Enabled" },
        ],
        smsReceivers: [],
        webhookReceivers: [],
      },
    });
    const longName = await put(`${actionGroupId}2`, {
      location: "Global",
      properties: { groupShortName: "more-than-twelve" },
    });
    expect(longName.status).toBe(400);
    const badMail = await put(`${actionGroupId}2`, {
      location: "Global",
      properties: { groupShortName: "m", emailReceivers: [{ name: "ops", emailAddress: "nowhere" }] },
    });
    expect(badMail.status).toBe(400);
  });
});

describe("a logic app", () => {
  const definition = { triggers: { manual: { type: "Request" } }, actions: {} };
  let id: string;
  beforeEach(() => {
    id = `${group}/providers/Microsoft.Logic/workflows/graph-proxy`;
  });

  it("is kept, with its identities completed and its keys hidden", async () => {
    const identityId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
    const identity = await put(identityId, { location: "westeurope" });
    const { principalId, clientId } = identity.body.properties;
    const made = await put(id, {
      location: "westeurope",
      identity: { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } },
      properties: { definition, parameters: { a: { value: 1 } } },
    });
    expect(made.status).toBe(201);
    expect(Object.keys(made.body).sort()).toEqual([
      "id",
      "identity",
      "location",
      "name",
      "properties",
      "tags",
      "type",
    ]);
    expect(made.body.identity).toEqual({
      type: "UserAssigned",
      userAssignedIdentities: { [identityId]: { principalId, clientId } },
    });
    expect(made.body.properties).toMatchObject({
      provisioningState: "Succeeded",
      state: "Enabled",
      definition,
      parameters: { a: { value: 1 } },
      accessEndpoint: expect.stringMatching(
        /^https:\/\/prod-00\.westeurope\.logic\.azure\.com:443\/workflows\/[0-9a-f]{32}$/,
      ),
    });
    const again = await put(id, { location: "westeurope", properties: { definition } });
    expect(again.body.properties.accessEndpoint).toBe(made.body.properties.accessEndpoint);
    const missing = await put(id, {
      location: "westeurope",
      identity: { type: "UserAssigned", userAssignedIdentities: { [`${identityId}x`]: {} } },
      properties: { definition },
    });
    expect(missing.status).toBe(404);
  });

  it("can have an identity of its own, which goes with it", async () => {
    const body = { location: "westeurope", identity: { type: "SystemAssigned" }, properties: { definition } };
    const made = await put(id, body);
    const { principalId } = made.body.identity;
    const { servicePrincipals } = azure.tenant.state.directory;
    expect(servicePrincipals[principalId]?.servicePrincipalType).toBe("ManagedIdentity");
    expect((await put(id, body)).body.identity.principalId).toBe(principalId);
    await azure.arm("DELETE", id);
    expect(servicePrincipals[principalId]).toBeUndefined();
  });

  it("tells a trigger's callback URL, always the same, to whom may ask", async () => {
    await put(id, { location: "westeurope", properties: { definition } });
    const ask = (trigger: string, as?: string): ReturnType<EmulatedServices["arm"]> =>
      azure.arm("POST", `${id}/triggers/${trigger}/listCallbackUrl`, as === undefined ? {} : { as });
    const { status, body } = await ask("manual");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      method: "POST",
      queries: { "api-version": "2016-10-01", sp: "/triggers/manual/run", sv: "1.0" },
    });
    expect(new URL(body.value).searchParams.get("sig")).toBe(body.queries.sig);
    expect((await ask("manual")).body).toEqual(body);
    expect((await ask("other")).body.error.code).toBe("TriggerNotFound");
    azure.assign(azure.verifier, "acdd72a7-3385-48ef-bd42-f606fba81ae7", id);
    const refused = await ask("manual", azure.verifier);
    expect(refused.body.error.message).toContain(
      "'Microsoft.Logic/workflows/triggers/listCallbackUrl/action'",
    );
    expect((await azure.arm("POST", `${id}/run`)).status).toBe(501);
  });

  it("takes an identity only from callers that may assign it", async () => {
    const identityId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
    await put(identityId, { location: "westeurope" });
    // Logic App Contributor, which has no right to any identity.
    azure.assign(azure.verifier, "87a39d53-fc1b-424a-814c-f7e04687dc9e", group);
    const refused = await azure.arm("PUT", id, {
      as: azure.verifier,
      body: {
        location: "westeurope",
        identity: { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } },
        properties: { definition },
      },
    });
    expect([refused.status, refused.body.error.code]).toEqual([403, "LinkedAuthorizationFailed"]);
    expect(refused.body.error.message).toContain(
      `'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '${identityId}'`,
    );
  });

  it("keeps who may call it, and is refused where that could not be enforced", async () => {
    const accessControl = { triggers: { sasAuthenticationPolicy: { state: "Disabled" } } };
    const made = await put(id, { location: "westeurope", properties: { definition, accessControl } });
    expect(made.body.properties.accessControl).toEqual(accessControl);
    const open = { triggers: { sasAuthenticationPolicy: { state: "Off" } } };
    const refused = await put(id, {
      location: "westeurope",
      properties: { definition, accessControl: open },
    });
    expect([refused.status, refused.body.error.code]).toEqual([400, "InvalidRequestContent"]);
    expect((await azure.arm("GET", id)).body.properties.accessControl).toEqual(accessControl);
  });

  it("is refused without a definition", async () => {
    const { status, body } = await put(id, { location: "westeurope", properties: {} });
    expect([status, body.error.code]).toEqual([400, "InvalidRequestContent"]);
  });
});
