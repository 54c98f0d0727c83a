import { randomUUID } from "node:crypto";
import type { Platform } from "../../../emulator/powerPlatform/platform";
import type { SecretApp } from "../../../copilot/settings";
import type { Tenant } from "../../../emulator/tenant/tenant";
import { azureRoles, roleDefinitionIdOf } from "../../../core/access/azureRoles";
import { clouds } from "../../../core/cloud/clouds";
import {
  audiences,
  deployerRequests,
  type Deploy,
  grantPermissions,
  makeGroup,
  trialTenant,
  type TrialTenantOptions,
} from "./trialTenant";
import { emulatedPlatform, servicePrincipalNamed } from "./emulatedPlatform";

/** An emulated tenant with one app, its secret in a vault, and Microsoft's services as readers: ready for an import. */
export interface CopilotTenant {
  readonly tenant: Tenant;
  readonly app: SecretApp;
  /** The emulated Azure, for the simulated Copilot Studio; waiting moves the tenant's clock and takes no time. */
  readonly platform: Platform;
  /** The app's current client secret, which only the vault and a test may know. */
  readonly clientSecret: string;
  /** Puts a new version into the vault, with the tags that let topics read it. */
  publishSecret(value: string): Promise<void>;
}

export interface CopilotTenantOptions extends TrialTenantOptions {
  /** Tags of the vault secret: which agents may read it. */
  readonly secretTags: Readonly<Record<string, string>>;
}

/** Sets the tenant up as `pulumi up` would, by the same requests, as the identity that deploys. */
export async function copilotTenant(options: CopilotTenantOptions): Promise<CopilotTenant> {
  const tenant = trialTenant(options);
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
      cloud: clouds.public,
      name: options.appName,
      tenantId: tenant.state.tenantId,
      clientId,
      secretResourceId,
      permissions: options.permissions,
      apis: [],
    },
    platform: emulatedPlatform(tenant),
    clientSecret,
    publishSecret,
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
  await grantPermissions(deploy, tenant, String(servicePrincipal["id"]), permissions);
  const password = await deploy(
    "graph",
    "POST",
    `${graph}/applications/${String(application["id"])}/addPassword`,
    { passwordCredential: { displayName: "copilot-token trial" } },
  );
  return { clientId, clientSecret: String(password["secretText"]) };
}

async function makeVault(
  deploy: Deploy,
  { state }: Tenant,
  secretName: string,
): Promise<{ vaultUri: string; secretResourceId: string }> {
  const group = await makeGroup(deploy, state.subscriptionId);
  const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv-copilot-trial`;
  await deploy("arm", "PUT", `${audiences.arm}${vault}?api-version=2023-07-01`, {
    location: "westeurope",
    properties: {
      tenantId: state.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
    },
  });
  return {
    vaultUri: `https://kv-copilot-trial.${clouds.public.vaultSuffix}/`,
    secretResourceId: `${vault}/secrets/${secretName}`,
  };
}

function roleAssignment(scope: string): string {
  return `${audiences.arm}${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
}
