import { audiences } from "./trialTenant";
import { clouds } from "../../../core/cloud/clouds";
import { callLogicApp, type LogicAppRun } from "../../../emulator/powerPlatform/logicApp";
import type { VerifiedClaims } from "../../../emulator/powerPlatform/logicAppAccess";
import { type Platform, NoAnswer, type Connection } from "../../../emulator/powerPlatform/platform";
import type { Value } from "../../../emulator/powerPlatform/value";
import { azure } from "../../../emulator/server/azure";
import { findResource, grantedRoles } from "../../../emulator/entra/requestedResource";
import type { ServicePrincipal, Tenant } from "../../../emulator/tenant/tenant";
import { mintToken, verifyJwt, signJwt, tokenLifetimeSeconds } from "../../../emulator/entra/tokens";
import { identityIssuer } from "../../../core/access/trust";
import { EntraError } from "../../../emulator/entra/entraError";
import { connectorClientId } from "../../../core/agent/logicAppRequest";

/** The emulated Azure for the simulated Copilot Studio; waiting moves the tenant's clock and takes no time. */
export interface EmulatedPlatform extends Platform {
  /** Calls of Logic Apps so far, refused ones too. */
  readonly logicAppRuns: readonly LogicAppRun[];
}

/** The address that a Logic App sees for calls of connectors. */
export const connectorAddress = "203.0.113.7";

/** Plays the tenant's services, its Logic Apps included. */
export function emulatedPlatform(tenant: Tenant): EmulatedPlatform {
  const send = azure(tenant);
  const logicAppRuns: LogicAppRun[] = [];
  const platform: EmulatedPlatform = {
    vaultSuffix: clouds.public.vaultSuffix,
    logicAppRuns,
    send: async (request) => {
      if (!new URL(request.url).hostname.endsWith(`.${clouds.public.logicAppSuffix}`)) return send(request);
      const call = { request, fromAddress: connectorAddress };
      const run = await callLogicApp(
        workflowAt(tenant, request.url),
        call,
        platform,
        await verifiedBy(tenant),
      );
      logicAppRuns.push(run);
      return run.response;
    },
    now: () => tenant.clock.now(),
    wait: (seconds) => {
      tenant.clock.advance(seconds * 1000);
      return Promise.resolve();
    },
    vaultToken: (reader) => tokenOf(tenant, servicePrincipalNamed(tenant, reader), audiences.vault),
    identityToken: (identityResourceId, audience) =>
      tokenOf(tenant, identityOf(tenant, identityResourceId), audience),
    connectionToken: (connection) => connectorToken(tenant, connection),
  };
  return platform;
}

/** The tenant's service principal of that name. */
export function servicePrincipalNamed({ state }: Tenant, name: string): ServicePrincipal {
  const found = Object.values(state.directory.servicePrincipals).find(
    ({ displayName }) => displayName === name,
  );
  if (found === undefined) throw new Error(`The emulated tenant has no service principal "${name}".`);
  return found;
}

/** What a token says that the tenant signed, while it is valid by the tenant's clock. */
export async function verifiedBy(tenant: Tenant): Promise<VerifiedClaims> {
  const key = await tenant.signingKey;
  return (token) => {
    const claims = verifyJwt(key, token);
    const nowSeconds = tenant.clock.now().getTime() / 1000;
    const valid = Number(claims?.["nbf"]) <= nowSeconds && nowSeconds < Number(claims?.["exp"]);
    return valid ? claims : undefined;
  };
}

function tokenOf(
  tenant: Tenant,
  { appId, id, displayName }: ServicePrincipal,
  audience: string,
): Promise<string> {
  return mintToken(tenant, {
    clientId: appId,
    objectId: id,
    displayName,
    audience,
    roles: grantedRoles(id, findResource(audience, tenant), tenant),
  });
}

function identityOf({ state }: Tenant, identityResourceId: string): ServicePrincipal {
  const principalId = state.arm.resources[identityResourceId.toLowerCase()]?.properties["principalId"];
  const found = state.directory.servicePrincipals[String(principalId)];
  if (found === undefined) throw new Error(`The emulated tenant has no identity ${identityResourceId}.`);
  return found;
}

/** The workflow that listens at an address, as Azure Resource Manager keeps it. */
function workflowAt({ state }: Tenant, url: string): Value {
  const { pathname } = new URL(url);
  const found = Object.values(state.arm.resources).find(({ type, properties }) => {
    if (type.toLowerCase() !== "microsoft.logic/workflows") return false;
    return pathname.startsWith(`${new URL(String(properties["accessEndpoint"])).pathname}/`);
  });
  if (found === undefined) throw new Error(`No Logic App listens at ${pathname}.`);
  return JSON.parse(JSON.stringify(found)) as Value;
}

/**
 * The token of version 2.0 that "HTTP with Microsoft Entra ID (preauthorized)" gets in its user's name. Only what a
 * Logic App looks at is in it.
 *
 * @throws {NoAnswer} when the resource is none, or has not preauthorized the connector: then nothing is sent.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (read 2026-11)
 */
export async function connectorToken(
  tenant: Tenant,
  { resourceUri, userObjectId }: Connection,
): Promise<string> {
  const resource = resourceNamed(tenant, resourceUri);
  const application = Object.values(tenant.state.directory.applications).find(
    ({ appId }) => appId === resource.appId,
  );
  const api = application?.["api"] as
    { readonly preAuthorizedApplications?: readonly { readonly appId: string }[] } | undefined;
  if (!api?.preAuthorizedApplications?.some(({ appId }) => appId === connectorClientId)) {
    throw new NoAnswer(
      `AADSTS65001: The user or administrator has not consented to use the application with ID '${connectorClientId}'.`,
      false,
    );
  }
  const { tenantId } = tenant.state;
  const nowSeconds = Math.floor(tenant.clock.now().getTime() / 1000);
  const key = await tenant.signingKey;
  return signJwt(
    key,
    { typ: "JWT", alg: "RS256", kid: key.keyId },
    {
      aud: resource.appId,
      iss: identityIssuer(clouds.public, tenantId),
      iat: nowSeconds,
      nbf: nowSeconds,
      exp: nowSeconds + tokenLifetimeSeconds,
      azp: connectorClientId,
      oid: userObjectId,
      scp: "user_impersonation",
      tid: tenantId,
      ver: "2.0",
    },
  );
}

function resourceNamed(tenant: Tenant, resourceUri: string): ServicePrincipal {
  try {
    return findResource(resourceUri, tenant);
  } catch (error) {
    if (error instanceof EntraError) throw new NoAnswer(error.message, false);
    throw error;
  }
}
