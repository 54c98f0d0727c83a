import { clouds, retiredGraphAudience, storageAudience } from "../../core/cloud/clouds";

/**
 * What the claims of Entra's tokens say.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (read 2026-11)
 */
export const claimMeanings: ReadonlyMap<string, string> = new Map([
  ["aud", "audience: the API that takes this token"],
  ["iss", "issuer: who made the token, and for which tenant"],
  ["iat", "issued at"],
  ["nbf", "not valid before"],
  ["exp", "expires at"],
  ["aio", "Entra's own; opaque"],
  ["app_displayname", "name of the app"],
  ["appid", "client ID of the app that acts"],
  ["azp", "client ID of the app that acts"],
  ["appidacr", "how the app authenticated: 0 not at all, 1 client secret, 2 certificate or federation"],
  ["azpacr", "how the app authenticated: 0 not at all, 1 client secret, 2 certificate or federation"],
  ["idp", "who authenticated the subject"],
  ["idtyp", "app: no user is involved"],
  ["oid", "object ID of the subject: the app's service principal, or the user"],
  ["sub", "subject; for an app the same as oid"],
  ["rh", "Entra's own; opaque"],
  ["roles", "application permissions that an administrator has granted"],
  ["scp", "delegated permissions, for the signed-in user"],
  ["tid", "tenant ID"],
  ["tenant_region_scope", "region of the tenant"],
  ["uti", "ID of this token, for Entra's sign-in logs"],
  ["ver", "format version of the token"],
  ["wids", "directory roles of the subject; 0997a1d0-… means none"],
  ["upn", "the signed-in user"],
  ["unique_name", "the signed-in user"],
  ["preferred_username", "the signed-in user"],
  ["name", "the signed-in user's display name"],
  ["amr", "how the user authenticated"],
  ["acr", "strength of the user's authentication"],
  ["ipaddr", "address from which the user signed in"],
  ["groups", "groups of the subject"],
  ["nonce", "ties an ID token to the request that asked for it"],
  ["xms_tcdt", "when the tenant was created"],
  ["xms_idrel", "relation of the subject to the tenant"],
  ["xms_cc", "client capabilities; cp1: understands claims challenges"],
]);

const audiences: readonly (readonly [string, string])[] = [
  ["00000003-0000-0000-c000-000000000000", "Microsoft Graph"],
  ["cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault"],
  ["00000002-0000-0000-c000-000000000000", "Azure AD Graph (retired)"],
  ...Object.values(clouds).flatMap((cloud): [string, string][] => [
    [cloud.graph, "Microsoft Graph"],
    [cloud.resourceManager, "Azure Resource Manager"],
    [cloud.resourceManagerAudience, "Azure Resource Manager"],
    [`https://${cloud.vaultSuffix}`, "Azure Key Vault"],
    [cloud.powerApps.audience, "Power Apps"],
    [cloud.apis["PowerPlatform"]?.audience ?? "none", "Power Platform API"],
  ]),
  [storageAudience, "Azure Storage"],
  [retiredGraphAudience, "Azure AD Graph (retired)"],
];

/** The product behind a well-known audience; undefined for any other. */
export function audienceName(audience: string): string | undefined {
  const bare = audience.replace(/\/+$/, "").toLowerCase();
  return audiences.find(([known]) => known === bare)?.[1];
}
