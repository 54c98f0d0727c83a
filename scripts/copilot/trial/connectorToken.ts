import { identityIssuer } from "../../../core/access/trust";
import { clouds } from "../../../core/cloud/clouds";
import { NoAnswer, type Connection } from "../../../emulator/powerPlatform/platform";
import { EntraError } from "../../../emulator/entra/entraError";
import { findResource } from "../../../emulator/entra/requestedResource";
import type { ServicePrincipal, Tenant } from "../../../emulator/tenant/tenant";
import { signJwt, tokenLifetimeSeconds } from "../../../emulator/entra/tokens";
import { connectorClientId } from "../../../core/settings/logicAppSettings";

/**
 * The token of version 2.0 that "HTTP with Microsoft Entra ID (preauthorized)" gets in its user's name. Only what a
 * Logic App looks at is in it.
 *
 * @throws {NoAnswer} when the resource is none, or has not preauthorized the connector: then nothing is sent.
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (read 2026-11)
 */
export function connectorToken(tenant: Tenant, { resourceUri, userObjectId }: Connection): string {
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
  const { keyId } = tenant.signingKey;
  return signJwt(
    tenant.signingKey,
    { typ: "JWT", alg: "RS256", kid: keyId },
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
