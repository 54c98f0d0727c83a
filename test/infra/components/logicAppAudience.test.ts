import { describe, expect, it } from "vitest";
import { connectorClientId } from "../../../core/agent/logicAppRequest";
import { LogicAppAudience } from "../../../infra/components/logicAppAudience";
import { createInAzure, guid } from "../../support/azureMocks";
import { inOrder, recordResources, valueOf, type Mocks } from "../../support/recordResources";

const parent = "copilot-token:infra:LogicAppAudience::Agent";
const create: NonNullable<Mocks["create"]> = (type, name, inputs) =>
  type === "random:index/randomUuid:RandomUuid"
    ? { id: name, state: { result: guid("5c0be") } }
    : createInAzure(type, name, inputs);

async function registered(callers: string[]) {
  const { resources, settled } = await recordResources({ create });
  const audience = new LogicAppAudience("Agent", {
    displayName: "Agent (Logic App)",
    tenantId: "t",
    callers,
    owners: { objectIds: ["owner"], managed: true },
    tags: ["mark"],
    protect: false,
  });
  await settled();
  return { audience, resources: inOrder(resources.filter(({ type }) => type.startsWith("azuread"))) };
}

describe("LogicAppAudience", () => {
  it("is a registration of its own, without a secret and without permissions, that knows the connector", async () => {
    const { resources } = await registered([connectorClientId]);
    expect(resources).toEqual([
      {
        type: "azuread:index/application:Application",
        name: "Agent-logic-app",
        parent,
        inputs: {
          displayName: "Agent (Logic App)",
          signInAudience: "AzureADMyOrg",
          owners: ["owner"],
          tags: ["mark"],
          identifierUris: ["api://t/Agent-logic-app"],
          api: {
            requestedAccessTokenVersion: 2,
            oauth2PermissionScopes: [
              {
                id: guid("5c0be"),
                value: "user_impersonation",
                type: "Admin",
                adminConsentDisplayName: "Call Agent (Logic App)",
                adminConsentDescription: "Lets a client call Agent (Logic App) in the name of its user.",
              },
            ],
          },
        },
        options: {},
      },
      {
        type: "azuread:index/applicationPreAuthorized:ApplicationPreAuthorized",
        name: "Agent-logic-app",
        parent,
        inputs: {
          applicationId: "/applications/Agent-logic-app-object",
          authorizedClientId: connectorClientId,
          permissionIds: [guid("5c0be")],
        },
        options: {},
      },
      {
        type: "azuread:index/servicePrincipal:ServicePrincipal",
        name: "Agent-logic-app",
        parent,
        inputs: { clientId: "Agent-logic-app-client", owners: ["owner"], tags: ["mark"] },
        options: {},
      },
    ]);
  });

  it("preauthorizes no client where the connector does not call", async () => {
    const { resources } = await registered([guid("ca11e4")]);
    expect(resources.map(({ type }) => type.replace(/^.*:/, "")).sort()).toEqual([
      "Application",
      "ServicePrincipal",
    ]);
  });

  it("publishes what callers ask for, and what their tokens then say", async () => {
    const { audience } = await registered([]);
    expect([await valueOf(audience.resourceUri), await valueOf(audience.clientId)]).toEqual([
      "api://t/Agent-logic-app",
      "Agent-logic-app-client",
    ]);
  });
});
