import { isRecord } from "../server/http";
import type { Application, PasswordCredential, Tenant } from "../tenant/tenant";
import { applicationDefaults } from "./applicationProperties";
import { keyEntity } from "./keyCredentials";
import type { Entity } from "./listing";
import { omit } from "./properties";

type Values = Readonly<Record<string, unknown>>;

/** An application as Graph answers it: no secret, no hash, no key; owners and federation have addresses of their own. */
export function applicationEntity(application: Application, { state }: Pick<Tenant, "state">): Entity {
  const entity: Entity = {
    ...applicationDefaults,
    publisherDomain: state.defaultDomain,
    ...omit(application, "federatedIdentityCredentials", "ownerIds", "logo"),
    keyCredentials: keyEntities(application["keyCredentials"]),
    passwordCredentials: application.passwordCredentials.map((credential) => passwordEntity(credential)),
  };
  const web = isRecord(entity["web"]) ? entity["web"] : {};
  const redirectUris: unknown = web["redirectUris"];
  return {
    ...entity,
    web: {
      ...web,
      redirectUriSettings: (Array.isArray(redirectUris) ? redirectUris : []).map((uri: unknown) => ({
        uri,
        index: null,
      })),
    },
  };
}

/** Keys without themselves: whom they belong to, and from when to when. */
export function keyEntities(keys: unknown): Entity[] {
  return Array.isArray(keys) ? keys.filter(isRecord).map(keyEntity) : [];
}

/** A password credential; `secretText` is given once, when it is made, and is null ever after. */
export function passwordEntity(credential: PasswordCredential, secretText: string | null = null): Entity {
  const { keyId, displayName, startDateTime, endDateTime, hint } = credential;
  return { customKeyIdentifier: null, displayName, endDateTime, hint, keyId, secretText, startDateTime };
}

/** What a client sent, with every part that Graph adds to it. */
export function completed(values: Values): Record<string, unknown> {
  const { appRoles, optionalClaims, api, ...others } = values;
  return {
    ...others,
    ...(api === undefined ? {} : { api: completedApi(api) }),
    ...(Array.isArray(appRoles) ? { appRoles: appRoles.filter(isRecord).map(completedRole) } : {}),
    ...(optionalClaims === undefined ? {} : { optionalClaims: completedClaims(optionalClaims) }),
  };
}

function completedRole(role: Values): Values {
  const { allowedMemberTypes = [], description = null, displayName = null, id, isEnabled = true } = role;
  const value = role["value"] === "" ? null : (role["value"] ?? null);
  return { allowedMemberTypes, description, displayName, id, isEnabled, origin: "Application", value };
}

const scopeDefaults: Values = {
  adminConsentDescription: null,
  adminConsentDisplayName: null,
  id: "",
  isEnabled: true,
  type: "User",
  userConsentDescription: null,
  userConsentDisplayName: null,
  value: null,
};

function completedApi(api: unknown): unknown {
  if (!isRecord(api) || !Array.isArray(api["oauth2PermissionScopes"])) return api;
  const scopes = api["oauth2PermissionScopes"].filter(isRecord);
  return {
    ...api,
    oauth2PermissionScopes: scopes.map((scope) => ({ ...scopeDefaults, ...withoutAnnotations(scope) })),
  };
}

function completedClaims(claims: unknown): unknown {
  if (!isRecord(claims)) return claims;
  const list = (name: string): unknown[] =>
    (Array.isArray(claims[name]) ? claims[name] : []).filter(isRecord).map((claim) => ({
      additionalProperties: claim["additionalProperties"] ?? [],
      essential: claim["essential"] ?? false,
      name: claim["name"] ?? null,
      source: claim["source"] ?? null,
    }));
  return { accessToken: list("accessToken"), idToken: list("idToken"), saml2Token: list("saml2Token") };
}

function withoutAnnotations(object: Values): Values {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !name.includes("@")));
}

/** Lists of an application that the directory keeps as sets, and reads back from the last one to the first. */
const reversedLists = ["appRoles", "requiredResourceAccess"] as const;
const platformsWithUris = ["web", "spa", "publicClient"] as const;

/**
 * Turns lists around, as a read finds them: only the answer to a POST has them as they were sent.
 *
 * @param values Only what a client sent: what it did not send stays as it lies.
 */
export function asStored(values: Values): Record<string, unknown> {
  const result: Record<string, unknown> = { ...values };
  for (const name of reversedLists) result[name] = reversed(result[name]);
  for (const name of platformsWithUris) {
    const part = result[name];
    if (isRecord(part)) result[name] = { ...part, redirectUris: reversed(part["redirectUris"]) };
  }
  return Object.fromEntries(
    Object.entries(result).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, dropUndefined(value)]],
    ),
  );
}

function reversed(list: unknown): unknown {
  return Array.isArray(list) ? [...(list as unknown[])].reverse() : list;
}

function dropUndefined(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
