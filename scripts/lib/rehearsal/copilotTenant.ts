import { randomUUID } from "node:crypto";
import type { Platform } from "../../../copilot/rehearsal/platform";
import type { CopilotApp } from "../../../copilot/settings";
import { azure } from "../../../emulator/azure";
import { frozenClock } from "../../../emulator/clock";
import { azureRoles, roleDefinitionIdOf } from "../../../infra/core/azureRoles";
import type { FaultPlan } from "../../../emulator/faults";
import { deployerGraphPermissions, graphObjectId } from "../../../emulator/seed";
import { createTenant, type ServicePrincipal, type Tenant } from "../../../emulator/tenant";
import { mintToken, type SigningKey } from "../../../emulator/tokens";

/** An emulated tenant with one app, its secret in a vault, and Microsoft's services as readers: ready for an import. */
export interface CopilotTenant {
  readonly tenant: Tenant;
  readonly app: CopilotApp;
  /** The emulated Azure, for whoever plays Copilot Studio; waiting moves the tenant's clock and takes no time. */
  readonly platform: Platform;
  /** The app's current client secret, which only the vault and a test may know. */
  readonly clientSecret: string;
  /** Puts a new version into the vault, with the tags that let topics read it. */
  publishSecret(value: string): Promise<void>;
}

export interface CopilotTenantOptions {
  readonly appName: string;
  /** Microsoft Graph application permissions to grant. */
  readonly permissions: readonly string[];
  /** Tags of the vault secret: which agents may read it. */
  readonly secretTags: Readonly<Record<string, string>>;
  readonly faults?: FaultPlan;
  /** Default: a new one, which takes most of the time of a start. */
  readonly signingKey?: SigningKey;
  /** Default: the machine's time, standing still. */
  readonly startAt?: Date;
}

/** Sets the tenant up as `pulumi up` would, by the same requests, as the identity that deploys. */
export async function copilotTenant(options: CopilotTenantOptions): Promise<CopilotTenant> {
  const tenant = await createTenant({
    clock: frozenClock(options.startAt ?? new Date()),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.signingKey === undefined ? {} : { signingKey: options.signingKey }),
  });
  // The set-up itself is not to be disturbed.
  const deploy = deployerRequests({ ...tenant, faults: {} });
  const { clientId, clientSecret } = await registerApp(deploy, tenant, options);
  const { vaultUri, secretResourceId } = await makeVault(deploy, tenant, options.appName);
  const publishSecret = async (value: string): Promise<void> => {
    await deploy("vault", "PUT", `${vaultUri}secrets/${options.appName}?api-version=7.4`, {
      value,
      tags: options.secretTags,
    });
  };
  await publishSecret(clientSecret);
  for (const reader of ["Dataverse", "Power Virtual Agents Service"]) {
    await deploy("arm", "PUT", `${roleAssignment(secretResourceId)}?api-version=2022-04-01`, {
      properties: {
        roleDefinitionId: roleDefinitionIdOf(tenant.state.subscriptionId, azureRoles.secretsUser),
        principalId: servicePrincipalNamed(tenant, reader).id,
        principalType: "ServicePrincipal",
      },
    });
  }
  return {
    tenant,
    app: {
      name: options.appName,
      tenantId: tenant.state.tenantId,
      clientId,
      secretResourceId,
      permissions: options.permissions,
    },
    platform: platformOf(tenant),
    clientSecret,
    publishSecret,
  };
}

function platformOf(tenant: Tenant): Platform {
  return {
    send: azure(tenant),
    now: () => tenant.clock.now(),
    wait: (seconds) => {
      tenant.clock.advance(seconds * 1000);
      return Promise.resolve();
    },
    vaultToken: (reader) => {
      const { appId, id, displayName } = servicePrincipalNamed(tenant, reader);
      return Promise.resolve(
        mintToken(tenant, {
          clientId: appId,
          objectId: id,
          displayName,
          audience: "https://vault.azure.net",
          roles: [],
        }),
      );
    },
  };
}

type Service = "graph" | "arm" | "vault";

const audiences: Readonly<Record<Service, string>> = {
  graph: "https://graph.microsoft.com",
  arm: "https://management.azure.com",
  vault: "https://vault.azure.net",
};

type Deploy = (
  service: Service,
  method: string,
  url: string,
  body: object,
) => Promise<Record<string, unknown>>;

function deployerRequests(tenant: Tenant): Deploy {
  const send = azure(tenant);
  const { clientId, objectId } = tenant.identities.deployer;
  return async (service, method, url, body) => {
    const token = mintToken(tenant, {
      clientId,
      objectId,
      audience: audiences[service],
      roles: service === "graph" ? deployerGraphPermissions : [],
    });
    const response = await send(
      new Request(url, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
}

async function registerApp(
  deploy: Deploy,
  tenant: Tenant,
  { appName, permissions }: CopilotTenantOptions,
): Promise<{ clientId: string; clientSecret: string }> {
  const graph = `${audiences.graph}/v1.0`;
  const application = await deploy("graph", "POST", `${graph}/applications`, {
    displayName: appName,
    signInAudience: "AzureADMyOrg",
  });
  const clientId = String(application["appId"]);
  const servicePrincipal = await deploy("graph", "POST", `${graph}/servicePrincipals`, { appId: clientId });
  const appRoles = tenant.state.directory.servicePrincipals[graphObjectId]?.appRoles ?? [];
  for (const { id: appRoleId } of appRoles.filter(({ value }) => permissions.includes(value))) {
    await deploy("graph", "POST", `${graph}/servicePrincipals/${graphObjectId}/appRoleAssignedTo`, {
      principalId: servicePrincipal["id"],
      resourceId: graphObjectId,
      appRoleId,
    });
  }
  const password = await deploy(
    "graph",
    "POST",
    `${graph}/applications/${String(application["id"])}/addPassword`,
    { passwordCredential: { displayName: "copilot-token rehearsal" } },
  );
  return { clientId, clientSecret: String(password["secretText"]) };
}

async function makeVault(
  deploy: Deploy,
  { state }: Tenant,
  secretName: string,
): Promise<{ vaultUri: string; secretResourceId: string }> {
  const group = `/subscriptions/${state.subscriptionId}/resourceGroups/copilot-rehearsal`;
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-copilot-rehearsal`;
  await deploy("arm", "PUT", `${audiences.arm}${group}?api-version=2024-11-01`, { location: "westeurope" });
  await deploy("arm", "PUT", `${audiences.arm}${vault}?api-version=2023-07-01`, {
    location: "westeurope",
    properties: {
      tenantId: state.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
    },
  });
  return {
    vaultUri: "https://kv-copilot-rehearsal.vault.azure.net/",
    secretResourceId: `${vault}/secrets/${secretName}`,
  };
}

function roleAssignment(scope: string): string {
  return `${audiences.arm}${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
}

function servicePrincipalNamed({ state }: Tenant, name: string): ServicePrincipal {
  const found = Object.values(state.directory.servicePrincipals).find(
    ({ displayName }) => displayName === name,
  );
  if (found === undefined) throw new Error(`The emulated tenant has no service principal "${name}".`);
  return found;
}
