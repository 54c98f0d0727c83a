import { identityIssuer } from "../../../core/access/trust";
import { clouds } from "../../../core/cloud/clouds";
import type { UserApp } from "../../../copilot/settings";
import { serviceSubject } from "../../../emulator/entra/clientAssertion";
import {
  connectorSignIn,
  importConnector,
  type CustomConnector,
} from "../../../emulator/powerPlatform/powerApps";
import { type ManualSignIn, apiConnectionsClientId } from "../../../emulator/powerPlatform/userSignIn";
import { graphClientId, graphObjectId } from "../../../emulator/tenant/seed";
import type { Tenant } from "../../../emulator/tenant/tenant";
import { tokenServiceRedirects } from "../../../core/access/redirectUris";
import { audiences, deployerRequests, trialTenant, type TrialTenantOptions } from "./trialTenant";
import { emulatedPlatform, type EmulatedPlatform } from "./emulatedPlatform";

/** An emulated tenant with one app that acts as its signed-in user. */
export interface UserTenant {
  readonly tenant: Tenant;
  readonly app: UserApp;
  readonly platform: EmulatedPlatform;
  /** The agent's Security page, filled in. */
  readonly manual: ManualSignIn;
  /** Imports a connector's solution, and takes its identity in, as `--connect` and `pulumi up` do. */
  connect(environmentId: string, solutionZip: Uint8Array): Promise<CustomConnector>;
}

export interface UserTenantOptions extends Omit<TrialTenantOptions, "permissions"> {
  readonly delegated: readonly string[];
  /** Whether an administrator consented for all users. Default true. Without, users may not consent themselves. */
  readonly consent?: boolean;
}

const scopeId = "6f2d4c1e-93a7-4b58-8e06-d1c5f7a9b324";
/** The token service of agents. */
const tokenServiceClientId = "5b404cf4-a79d-4cfe-b866-24bf8e1a4921";

/** Sets the tenant up as `pulumi up` would, by the same requests, as the identity that deploys. */
export async function userTenant(options: UserTenantOptions): Promise<UserTenant> {
  const { appName, delegated, consent = true } = options;
  const tenant = trialTenant({ ...options, permissions: [] });
  if (!consent) tenant.state.directory.userConsent = "forbidden";
  // The set-up itself is not to be disturbed.
  const deploy = deployerRequests({ ...tenant, faults: {} }, ["DelegatedPermissionGrant.ReadWrite.All"]);
  const graph = `${audiences.graph}/v1.0`;
  const { tenantId } = tenant.state;
  const [redirectUri = ""] = tokenServiceRedirects(clouds.public, ["global"]);
  const offered = tenant.state.directory.servicePrincipals[graphObjectId]?.oauth2PermissionScopes ?? [];
  const application = await deploy("graph", "POST", `${graph}/applications`, {
    displayName: appName,
    signInAudience: "AzureADMyOrg",
    identifierUris: [`api://${tenantId}/${appName}-connector`],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [{ id: scopeId, value: "access_as_user", type: "User", isEnabled: true }],
      preAuthorizedApplications: [{ appId: apiConnectionsClientId, delegatedPermissionIds: [scopeId] }],
    },
    web: { redirectUris: [redirectUri] },
    requiredResourceAccess: [
      {
        resourceAppId: graphClientId,
        resourceAccess: offered.flatMap(({ id, value }) =>
          delegated.includes(value) ? [{ id, type: "Scope" }] : [],
        ),
      },
    ],
  });
  const clientId = String(application["appId"]);
  const servicePrincipal = await deploy("graph", "POST", `${graph}/servicePrincipals`, { appId: clientId });
  if (consent) {
    await deploy("graph", "POST", `${graph}/oauth2PermissionGrants`, {
      clientId: servicePrincipal["id"],
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: graphObjectId,
      scope: delegated.join(" "),
    });
  }
  const credentials = `${graph}/applications/${String(application["id"])}/federatedIdentityCredentials`;
  const trust = async (name: string, subject: string): Promise<void> => {
    await deploy("graph", "POST", credentials, {
      name,
      issuer: identityIssuer(clouds.public, tenantId),
      subject,
      audiences: [clouds.public.exchangeAudience],
    });
  };
  const subject = serviceSubject(tokenServiceClientId, "trial", tenant);
  await trust("agent-sign-in", subject);
  return {
    tenant,
    app: {
      cloud: clouds.public,
      name: appName,
      tenantId,
      clientId,
      permissions: [],
      delegated,
      agentCredential: "federated",
      tokenExchangeUrl: undefined,
    },
    platform: emulatedPlatform(tenant),
    manual: {
      clientId,
      scopes: ["openid", "profile", ...delegated].join(" "),
      redirectUri,
      credential: { subject },
    },
    connect: async (environmentId, solutionZip) => {
      const isFirst = tenant.connectors.length === 0;
      const connector = importConnector(tenant, environmentId, solutionZip);
      if (isFirst) await trust("connector-sign-in", connectorSignIn(connector, tenant).subject);
      return connector;
    },
  };
}
