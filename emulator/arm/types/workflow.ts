import { cloudOf, type Cloud } from "../../tenant/clouds";
import { createHmac, randomBytes } from "node:crypto";
import { isRecord, json, newGuid } from "../../server/http";
import type { ArmResource } from "../../tenant/tenant";
import { isPermitted } from "../access";
import { ArmError, badRequest } from "../armError";
import type { ResourceChange, ResourceContent, ResourceType } from "../resourceType";
import { requireScope } from "../scopes";
import { checkAccessControl } from "./workflowAccess";
import { addManagedIdentity, removeManagedIdentity } from "./userAssignedIdentity";

/**
 * `Microsoft.Logic/workflows`: kept and given back, never run here. A trigger's callback URL can be asked for, whether
 * or not its signature then opens it.
 *
 * @see https://learn.microsoft.com/rest/api/logic/workflows/create-or-update (read 2026-11)
 * @see https://learn.microsoft.com/rest/api/logic/workflow-triggers/list-callback-url (read 2026-11)
 */
export const workflow: ResourceType = {
  type: "Microsoft.Logic/workflows",
  placement: "resourceGroup",
  location: "region",
  namePattern: /^[\w.()-]{1,80}$/,
  build: buildWorkflow,
  removed: (tenant, resource) => {
    const own = ownPrincipalId(resource);
    if (own !== undefined) removeManagedIdentity(tenant, own);
  },
  act: (resource, action) => {
    const [triggers, triggerName, verb] = action.map((part) => part.toLowerCase());
    if (triggers !== "triggers" || triggerName === undefined || verb !== "listcallbackurl") return undefined;
    return json(200, callbackUrl(resource, action[1] ?? ""));
  },
};

function buildWorkflow(change: ResourceChange): ResourceContent {
  const { properties, existing, now, location = "" } = change;
  const { definition, parameters, state, accessControl, integrationAccount } = properties;
  if (!isRecord(definition)) {
    throw badRequest("The required 'definition' of the workflow is missing.", "InvalidRequestContent");
  }
  checkAccessControl(accessControl, cloudOf(change.tenant.state));
  const before = existing?.properties ?? {};
  const instant = now.toISOString();
  const identity = buildIdentity(change);
  const internal = existing?.["internal"] ?? {
    workflowKey: randomBytes(16).toString("hex"),
    sasKey: randomBytes(32).toString("hex"),
  };
  return {
    ...(identity === undefined ? {} : { identity }),
    internal,
    properties: {
      provisioningState: "Succeeded",
      createdTime: before["createdTime"] ?? instant,
      changedTime: instant,
      state: state ?? "Enabled",
      version: `0858${newGuid().replaceAll(/\D/g, "").slice(0, 16)}CU00`,
      accessEndpoint: endpoint(cloudOf(change.tenant.state), location, internal),
      sku: { name: "Consumption" },
      definition,
      parameters: parameters ?? {},
      ...(accessControl === undefined ? {} : { accessControl }),
      ...(integrationAccount === undefined ? {} : { integrationAccount }),
      endpointsConfiguration: { workflow: {}, connector: {} },
    },
  };
}

/** System-assigned: a service principal of its own. User-assigned: those that exist, completed by Azure. */
function buildIdentity(change: ResourceChange): object | undefined {
  const { tenant, body, existing, id, name, now } = change;
  const { identity } = body;
  if (!isRecord(identity) || typeof identity["type"] !== "string") return undefined;
  const { type, userAssignedIdentities } = identity;
  const kinds = type.split(",").map((kind) => kind.trim());
  const assigned = isRecord(userAssignedIdentities) ? Object.keys(userAssignedIdentities) : [];
  const own = kinds.includes("SystemAssigned")
    ? { principalId: ownPrincipalId(existing) ?? addManagedIdentity(tenant, name, id, now).principalId }
    : undefined;
  return {
    type,
    ...(own === undefined ? {} : { ...own, tenantId: tenant.state.tenantId }),
    ...(kinds.includes("UserAssigned")
      ? {
          userAssignedIdentities: Object.fromEntries(
            assigned.map((key) => [key, assignedIdentity(change, key)]),
          ),
        }
      : {}),
  };
}

/**
 * A caller that assigns an identity to a resource can act as the identity, so the right to assign it is required too.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting (read 2026-11)
 */
function assignedIdentity({ tenant, caller, id }: ResourceChange, identityId: string): object {
  const scope = requireScope(tenant, identityId);
  const action = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";
  if (!isPermitted(tenant, caller.objectId, { action }, scope)) {
    throw new ArmError(
      403,
      "LinkedAuthorizationFailed",
      `The client '${caller.clientId}' with object id '${caller.objectId}' has permission to perform action ` +
        `'Microsoft.Logic/workflows/write' on scope '${id}'; however, it does not have permission to perform ` +
        `action(s) '${action}' on the linked scope(s) '${identityId}' (respectively) or the linked scope(s) are invalid.`,
    );
  }
  const { principalId, clientId } = tenant.state.arm.resources[scope.toLowerCase()]?.properties ?? {};
  return { principalId, clientId };
}

function ownPrincipalId(resource: ArmResource | undefined): string | undefined {
  const identity = resource?.["identity"];
  return isRecord(identity) && typeof identity["principalId"] === "string"
    ? identity["principalId"]
    : undefined;
}

function callbackUrl({ properties, internal }: ArmResource, triggerName: string): object {
  const { definition, accessEndpoint } = properties;
  const triggers = isRecord(definition) && isRecord(definition["triggers"]) ? definition["triggers"] : {};
  const name = Object.keys(triggers).find((known) => known.toLowerCase() === triggerName.toLowerCase());
  if (name === undefined) {
    throw new ArmError(404, "TriggerNotFound", `The trigger '${triggerName}' could not be found.`);
  }
  const basePath = `${String(accessEndpoint)}/triggers/${name}/paths/invoke`;
  const sasKey = isRecord(internal) ? String(internal["sasKey"]) : "";
  const queries = {
    "api-version": "2016-10-01",
    sp: `/triggers/${name}/run`,
    sv: "1.0",
    sig: createHmac("sha256", sasKey).update(basePath).digest("base64url"),
  };
  return {
    value: `${basePath}?${new URLSearchParams(queries).toString()}`,
    method: "POST",
    basePath,
    queries,
  };
}

function endpoint({ logicAppSuffix }: Cloud, location: string, internal: unknown): string {
  const key = isRecord(internal) ? String(internal["workflowKey"]) : "";
  return `https://prod-00.${location}.${logicAppSuffix}:443/workflows/${key}`;
}
