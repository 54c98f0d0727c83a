import { clouds } from "../../../core/cloud/clouds";
import type { LogicAppApp } from "../../../copilot/settings";
import type { Tenant } from "../../../emulator/tenant/tenant";
import { logicAppAccess } from "../../../core/agent/logicAppAccess";
import { logicAppDefinition, logicAppTriggerPath } from "../../../core/agent/logicAppDefinition";
import { connectorClientId } from "../../../core/agent/logicAppRequest";
import { logicAppRequests, type LogicAppSettings } from "../../../core/settings/logicAppSettings";
import {
  audiences,
  deployerRequests,
  type Deploy,
  grantPermissions,
  makeGroup,
  trialTenant,
  type TrialTenantOptions,
} from "./trialTenant";
import { emulatedPlatform, type EmulatedPlatform } from "./emulatedPlatform";

/** An emulated tenant with a managed identity and a Logic App that asks Microsoft Graph in its name. */
export interface LogicAppTenant {
  readonly tenant: Tenant;
  readonly app: LogicAppApp;
  readonly platform: EmulatedPlatform;
  /** Object ID of the user who may call by the connector. */
  readonly userObjectId: string;
}

export interface LogicAppTenantOptions extends TrialTenantOptions {
  readonly allowedIpRanges?: LogicAppSettings["allowedIpRanges"];
  readonly requests?: NonNullable<LogicAppSettings["requests"]>;
}

/** The user whose connection calls the Logic App. */
const userObjectId = "3f1f0a52-6f5d-4b0e-9a1d-27c6b1e0d9a4";
const scopeId = "6a3c2c1e-8f6b-4d7e-b0a9-1f5d2e4c3b7a";

/** Sets the tenant up as `pulumi up` would, with the very definition and access that it deploys. */
export async function logicAppTenant(options: LogicAppTenantOptions): Promise<LogicAppTenant> {
  const { appName, permissions } = options;
  const tenant = trialTenant(options);
  // The set-up itself is not to be disturbed.
  const deploy = deployerRequests({ ...tenant, faults: {} });
  const { tenantId, subscriptionId } = tenant.state;
  const group = await makeGroup(deploy, subscriptionId);

  const identityId = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${appName}`;
  const identity = await putResource(deploy, identityId, "2023-01-31", {});
  await grantPermissions(deploy, tenant, String(identity["principalId"]), permissions);

  const resourceUri = `api://${tenantId}/${appName}-logic-app`;
  const audienceClientId = await registerAudience(deploy, appName, resourceUri);

  const requests = logicAppRequests(
    options.requests === undefined ? {} : { requests: options.requests },
    permissions,
  );
  const workflowId = `${group}/providers/Microsoft.Logic/workflows/copilot-token-${appName}`;
  const workflow = await putResource(
    deploy,
    workflowId,
    "2019-05-01",
    {
      definition: logicAppDefinition(clouds.public, requests, identityId),
      accessControl: logicAppAccess(clouds.public, {
        tenantId,
        audienceClientId,
        callers: [connectorClientId],
        users: [userObjectId],
        allowedIpRanges: options.allowedIpRanges ?? [],
      }),
    },
    { identity: { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } } },
  );
  return {
    tenant,
    app: {
      cloud: clouds.public,
      name: appName,
      tenantId,
      clientId: String(identity["clientId"]),
      permissions,
      logicApp: {
        resourceId: workflowId,
        endpoint: `${String(workflow["accessEndpoint"])}${logicAppTriggerPath}`,
        audience: resourceUri,
        requests,
      },
    },
    platform: emulatedPlatform(tenant),
    userObjectId,
  };
}

/** @returns The resource's properties. */
async function putResource(
  deploy: Deploy,
  id: string,
  apiVersion: string,
  properties: object,
  envelope: object = {},
): Promise<Record<string, unknown>> {
  const url = `${audiences.arm}${id}?api-version=${apiVersion}`;
  const made = await deploy("arm", "PUT", url, { location: "westeurope", ...envelope, properties });
  return made["properties"] as Record<string, unknown>;
}

/** @returns Its client ID. */
async function registerAudience(deploy: Deploy, appName: string, resourceUri: string): Promise<string> {
  const graph = `${audiences.graph}/v1.0`;
  const application = await deploy("graph", "POST", `${graph}/applications`, {
    displayName: `${appName} (Logic App)`,
    identifierUris: [resourceUri],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [{ id: scopeId, value: "user_impersonation", type: "Admin", isEnabled: true }],
      preAuthorizedApplications: [{ appId: connectorClientId, delegatedPermissionIds: [scopeId] }],
    },
  });
  const clientId = String(application["appId"]);
  await deploy("graph", "POST", `${graph}/servicePrincipals`, { appId: clientId });
  return clientId;
}
