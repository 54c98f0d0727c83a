import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import { connectorClientId } from "../../../../core/agent/logicAppRequest";
import { LogicApp } from "../../../../infra/components/logicApp";
import { LogicAppAudience } from "../../../../infra/components/logicAppAudience";

/** A Logic App with all that it needs, for the tenant and the user of the configuration. */
export = () => {
  const config = new pulumi.Config("test");
  const tenantId = config.require("tenantId");
  const callers = [connectorClientId];
  const group = new resources.ResourceGroup("agents", { location: "westeurope" });
  const place = { resourceGroupName: group.name, location: group.location };
  const identity = new managedidentity.UserAssignedIdentity("agent", place);
  const audience = new LogicAppAudience("Agent", {
    displayName: "Agent (Logic App)",
    tenantId,
    callers,
    owners: { objectIds: [config.require("owner")], managed: true },
    tags: [],
    protect: false,
  });
  const logicApp = new LogicApp("Agent", {
    ...place,
    tenantId,
    identityResourceId: identity.id,
    audienceClientId: audience.clientId,
    callers,
    users: [config.require("user")],
    allowedIpRanges: [],
    requests: [{ name: "default", path: "/v1.0/users?$top=5&$select=displayName", field: "displayName" }],
  });
  return {
    principalId: identity.principalId,
    resourceId: logicApp.resourceId,
    endpoint: logicApp.endpoint,
    audience: audience.resourceUri,
  };
};
