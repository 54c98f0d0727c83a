import { clouds } from "../../../core/cloud/clouds";
import { describe, expect, it } from "vitest";
import { logicAppAccess } from "../../../core/agent/logicAppAccess";
import { logicAppDefinition } from "../../../core/agent/logicAppDefinition";
import { LogicApp } from "../../../infra/components/logicApp";
import { recordResources, valueOf, type Mocks } from "../../support/recordResources";

const identity =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const requests = [{ name: "default", path: "/v1.0/users", field: "displayName" }];
const callers = {
  tenantId: "t",
  audienceClientId: "audience",
  callers: ["11111111-2222-4333-8444-555555555555"],
  users: [],
  allowedIpRanges: ["203.0.113.0/24"],
};

/** @param added What Azure adds to the properties. */
async function deployed(added: object) {
  const create: NonNullable<Mocks["create"]> = (_type, name, inputs) => ({
    id: `/workflows/${name}`,
    state: { ...inputs, properties: { ...(inputs["properties"] as object), ...added } },
  });
  const { resources, settled } = await recordResources({ create });
  const logicApp = new LogicApp("Agent", {
    ...callers,
    resourceGroupName: "group",
    location: "westeurope",
    identityResourceId: identity,
    requests,
  });
  await settled();
  return { resources, logicApp };
}

describe("LogicApp", () => {
  it("is a workflow with the identity, the definition and the whole access control", async () => {
    const { resources } = await deployed({});
    expect(resources.filter(({ type }) => type.startsWith("azure-native"))).toEqual([
      {
        type: "azure-native:resources:Resource",
        name: "Agent",
        parent: "copilot-token:infra:LogicApp::Agent",
        inputs: {
          resourceGroupName: "group",
          resourceProviderNamespace: "Microsoft.Logic",
          parentResourcePath: "",
          resourceType: "workflows",
          apiVersion: "2019-05-01",
          resourceName: "copilot-token-Agent",
          location: "westeurope",
          identity: { type: "UserAssigned", userAssignedIdentities: [identity] },
          properties: {
            state: "Enabled",
            definition: logicAppDefinition(clouds.public, requests, identity),
            accessControl: logicAppAccess(clouds.public, callers),
          },
        },
        options: {},
      },
    ]);
  });

  it("publishes its address without a signature", async () => {
    const { logicApp } = await deployed({
      accessEndpoint: "https://prod-00.westeurope.logic.azure.com:443/workflows/k",
    });
    expect([await valueOf(logicApp.resourceId), await valueOf(logicApp.endpoint)]).toEqual([
      "/workflows/Agent",
      "https://prod-00.westeurope.logic.azure.com:443/workflows/k/triggers/manual/paths/invoke?api-version=2016-10-01",
    ]);
  });

  it("has no address as long as Azure has told none", async () => {
    const { logicApp } = await deployed({});
    expect(await valueOf(logicApp.endpoint)).toBe("");
  });
});
