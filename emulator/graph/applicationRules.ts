import { isGuid, isRecord } from "../server/http";
import type { Application, Tenant } from "../tenant/tenant";
import { checkDisplayName, checkTaken } from "./entitySet";
import { badRequest, refused } from "./graphError";
import { invalidValue } from "./properties";

type Values = Readonly<Record<string, unknown>>;

const audiences = [
  "AzureADMyOrg",
  "AzureADMultipleOrgs",
  "AzureADandPersonalMicrosoftAccount",
  "PersonalMicrosoftAccount",
];

/**
 * Judges what a client wants an application to be.
 *
 * @param current The application as it is; absent when this makes it.
 * @throws {GraphError} 400 for whatever Entra refuses.
 */
export function checkApplication(values: Values, current: Application | undefined, tenant: Tenant): void {
  const { displayName, signInAudience, requiredResourceAccess, identifierUris, appRoles, api } = values;
  checkDisplayName("application", displayName, current === undefined);
  if (typeof signInAudience === "string" && !audiences.includes(signInAudience)) {
    throw invalidValue("Application", "signInAudience");
  }
  if (Array.isArray(requiredResourceAccess) && !requiredResourceAccess.every(isResourceAccess)) {
    throw invalidValue("Application", "requiredResourceAccess");
  }
  if (Array.isArray(identifierUris)) checkIdentifierUris(identifierUris, current, tenant);
  checkRedirectUris(values);
  const scopes = isRecord(api) ? api["oauth2PermissionScopes"] : undefined;
  const currentApi = isRecord(current?.["api"]) ? current["api"] : {};
  checkEntitlements("appRoles", appRoles, current?.["appRoles"]);
  checkEntitlements("oauth2PermissionScopes", scopes, currentApi["oauth2PermissionScopes"]);
  checkValuesApart(appRoles ?? current?.["appRoles"], scopes ?? currentApi["oauth2PermissionScopes"]);
}

function isResourceAccess(value: unknown): boolean {
  if (!isRecord(value) || !isGuid(String(value["resourceAppId"])) || !Array.isArray(value["resourceAccess"]))
    return false;
  return value["resourceAccess"].every(
    (access) =>
      isRecord(access) && isGuid(String(access["id"])) && ["Role", "Scope"].includes(String(access["type"])),
  );
}

/**
 * An application ID URI is a URI; one of the web has to lie in a verified domain of the tenant.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions (read 2026-11)
 * @see https://github.com/Azure/Industrial-IoT/pull/1432 for code and message
 */
function checkIdentifierUris(
  uris: readonly unknown[],
  current: Application | undefined,
  { state }: Tenant,
): void {
  const known = new Set(listOf(current?.["identifierUris"]));
  const others = Object.values(state.directory.applications).filter((other) => other !== current);
  const taken = others.flatMap((other) => listOf(other["identifierUris"]));
  for (const uri of uris) {
    if (typeof uri !== "string" || !/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri) || uri.length > 255) {
      throw invalidValue("Application", "identifierUris");
    }
    checkTaken("identifierUris", taken.includes(uri));
    // What is there already stays, wherever it lies.
    if (known.has(uri) || !/^https?:/i.test(uri)) continue;
    const host = URL.canParse(uri) ? new URL(uri).hostname : "";
    if (host === state.defaultDomain || host.endsWith(`.${state.defaultDomain}`)) continue;
    throw refused(
      "HostNameNotOnVerifiedDomain",
      `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`,
      "identifierUris",
    );
  }
  if (new Set(uris.map((uri) => String(uri).toLowerCase())).size < uris.length) {
    throw duplicates("identifierUris");
  }
}

/** What stands under `redirectUris`, by the platform that it is for. */
const platforms = ["web", "spa", "publicClient"] as const;

/**
 * A redirect URI is absolute, of at most 256 characters, without fragment, and in the web HTTPS except on loopback.
 * A wildcard is allowed only at the beginning of a host.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url (read 2026-11); the refusals' words are ours
 */
function checkRedirectUris(values: Values): void {
  const all = platforms.flatMap((platform) => {
    const part = values[platform];
    const uris: unknown = isRecord(part) ? part["redirectUris"] : undefined;
    return Array.isArray(uris) ? uris.map((uri: unknown) => ({ platform, uri })) : [];
  });
  for (const { platform, uri } of all) {
    const fault = typeof uri === "string" ? redirectFault(uri, platform) : "is no text";
    if (fault !== undefined) {
      throw badRequest(
        `Invalid value specified for property 'redirectUris' of resource '${platform}': '${String(uri)}' ${fault}.`,
      );
    }
  }
  if (new Set(all.map(({ uri }) => uri)).size < all.length) throw duplicates("redirectUris");
}

function redirectFault(uri: string, platform: (typeof platforms)[number]): string | undefined {
  if (uri.length > 256) return "has more than 256 characters";
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) return "is no absolute URI";
  if (uri.includes("#")) return "has a fragment";
  const scheme = uri.slice(0, uri.indexOf(":")).toLowerCase();
  const isWeb = scheme === "http" || scheme === "https";
  if (!isWeb) return platform === "spa" ? "must begin with https, or with http on localhost" : undefined;
  const [, host = ""] = /^https?:\/\/(?:[^/?@]*@)?(\[[^\]]*\]|[^/:?]*)/i.exec(uri) ?? [];
  if (host === "") return "has no host";
  if (/\*/.test(uri.replace(/^https?:\/\/\*\./i, "")))
    return "has a wildcard that is not the host's first label";
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(host);
  return scheme === "http" && !isLoopback ? "must begin with https, or with http on localhost" : undefined;
}

/** Clients send an empty text where a role has no value. */
function valueOf({ value }: Values): unknown {
  return value === "" ? null : (value ?? null);
}

/**
 * Judges app roles or scopes: each value and each ID once, and none that is enabled goes or gets another value.
 *
 * @see https://learn.microsoft.com/graph/api/resources/approle (read 2026-11)
 * @see https://github.com/microsoftgraph/microsoft-graph-docs/issues/21667 for `DuplicateValue`
 */
function checkEntitlements(property: string, next: unknown, before: unknown): void {
  if (!Array.isArray(next)) return;
  const wanted: Values[] = next.filter(isRecord);
  if (wanted.length < next.length || wanted.some(({ id }) => !isGuid(String(id)))) {
    throw invalidValue("Application", property);
  }
  if (new Set(wanted.map(({ id }) => String(id).toLowerCase())).size < wanted.length) {
    throw duplicates(property);
  }
  for (const existing of recordsOf(before)) {
    if (existing["isEnabled"] === false) continue;
    const kept = wanted.find(({ id }) => String(id).toLowerCase() === String(existing["id"]).toLowerCase());
    if (kept !== undefined && valueOf(kept) === valueOf(existing)) continue;
    throw refused(
      "CannotDeleteOrUpdateEnabledEntitlement",
      "Permission (scope or role) cannot be deleted or updated unless disabled first.",
    );
  }
}

/**
 * Roles and scopes are told apart by their values in tokens, so that none is there twice. Only a role and a scope that
 * are one permission, with one ID, share a value.
 */
function checkValuesApart(appRoles: unknown, scopes: unknown): void {
  const idsByValue = new Map<string, unknown>();
  for (const [property, list] of [
    ["appRoles", recordsOf(appRoles)],
    ["oauth2PermissionScopes", recordsOf(scopes)],
  ] as const) {
    const inList = new Set<string>();
    for (const { id, value } of list) {
      if (typeof value !== "string" || value === "") continue;
      const key = value.toLowerCase();
      if (inList.has(key) || (idsByValue.get(key) ?? id) !== id) throw duplicates(property);
      inList.add(key);
      idsByValue.set(key, id);
    }
  }
}

function duplicates(property: string): Error {
  return refused("DuplicateValue", "Request contains a property with duplicate values.", property);
}

function recordsOf(list: unknown): Values[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function listOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}
