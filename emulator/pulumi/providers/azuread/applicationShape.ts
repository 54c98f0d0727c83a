import { isRecord, records, text, texts, type Properties } from "../../properties";

/** Inputs of `azuread.Application` that the engine's own provider knows. */
export const applicationInputs = [
  ...["api", "description", "deviceOnlyAuthEnabled", "displayName", "fallbackPublicClientEnabled"],
  ...["identifierUris", "marketingUrl", "notes", "owners", "preventDuplicateNames", "privacyStatementUrl"],
  ...["publicClient", "requiredResourceAccesses", "serviceManagementReference", "signInAudience"],
  ...["singlePageApplication", "supportUrl", "tags", "termsOfServiceUrl", "web"],
];

/** The whole application as Graph takes it: what the program leaves out is sent empty, as the real provider does. */
export function applicationBody(inputs: Properties): Properties {
  const web = block(inputs, "web");
  const implicit = block(web, "implicitGrant");
  const api = block(inputs, "api");
  return {
    "@odata.type": "#microsoft.graph.application",
    api: {
      acceptMappedClaims: api["mappedClaimsEnabled"] === true,
      knownClientApplications: texts(api, "knownClientApplications"),
      oauth2PermissionScopes: records(api, "oauth2PermissionScopes").map(scopeBody),
      requestedAccessTokenVersion: api["requestedAccessTokenVersion"] ?? 1,
    },
    appRoles: [],
    description: filledText(inputs, "description"),
    displayName: text(inputs, "displayName"),
    groupMembershipClaims: null,
    identifierUris: texts(inputs, "identifierUris"),
    info: {
      marketingUrl: filledText(inputs, "marketingUrl"),
      privacyStatementUrl: filledText(inputs, "privacyStatementUrl"),
      supportUrl: filledText(inputs, "supportUrl"),
      termsOfServiceUrl: filledText(inputs, "termsOfServiceUrl"),
    },
    isDeviceOnlyAuthSupported: inputs["deviceOnlyAuthEnabled"] === true,
    isFallbackPublicClient: inputs["fallbackPublicClientEnabled"] === true,
    notes: filledText(inputs, "notes"),
    optionalClaims: {},
    publicClient: { redirectUris: texts(block(inputs, "publicClient"), "redirectUris") },
    requiredResourceAccess: records(inputs, "requiredResourceAccesses").map((access) => ({
      resourceAppId: access["resourceAppId"],
      resourceAccess: records(access, "resourceAccesses").map(({ id, type }) => ({ id, type })),
    })),
    serviceManagementReference: filledText(inputs, "serviceManagementReference"),
    signInAudience: text(inputs, "signInAudience"),
    spa: { redirectUris: texts(block(inputs, "singlePageApplication"), "redirectUris") },
    tags: texts(inputs, "tags"),
    web: {
      homePageUrl: filledText(web, "homepageUrl"),
      implicitGrantSettings: {
        enableAccessTokenIssuance: implicit["accessTokenIssuanceEnabled"] === true,
        enableIdTokenIssuance: implicit["idTokenIssuanceEnabled"] === true,
      },
      logoutUrl: filledText(web, "logoutUrl"),
      redirectUris: texts(web, "redirectUris"),
    },
  };
}

/** Outputs of `azuread.Application`, from Graph's answers. */
export function applicationOutputs(
  found: Properties,
  owners: readonly string[],
  preventDuplicateNames: unknown,
): Properties {
  const info = block(found, "info");
  const web = block(found, "web");
  const implicit = block(web, "implicitGrantSettings");
  const api = block(found, "api");
  return {
    api: {
      knownClientApplications: texts(api, "knownClientApplications"),
      mappedClaimsEnabled: api["acceptMappedClaims"] === true,
      oauth2PermissionScopes: records(api, "oauth2PermissionScopes").map(scopeOutput),
      requestedAccessTokenVersion: api["requestedAccessTokenVersion"] ?? 1,
    },
    appRoleIds: idsByValue(records(found, "appRoles")),
    appRoles: records(found, "appRoles").map(appRoleOutput),
    clientId: text(found, "appId") ?? "",
    description: text(found, "description") ?? "",
    deviceOnlyAuthEnabled: found["isDeviceOnlyAuthSupported"] === true,
    disabledByMicrosoft: text(found, "disabledByMicrosoftStatus") ?? "",
    displayName: text(found, "displayName") ?? "",
    fallbackPublicClientEnabled: found["isFallbackPublicClient"] === true,
    identifierUris: texts(found, "identifierUris"),
    logoUrl: text(info, "logoUrl") ?? "",
    marketingUrl: text(info, "marketingUrl") ?? "",
    notes: text(found, "notes") ?? "",
    oauth2PermissionScopeIds: idsByValue(records(api, "oauth2PermissionScopes")),
    objectId: text(found, "id") ?? "",
    owners,
    preventDuplicateNames: preventDuplicateNames === true,
    privacyStatementUrl: text(info, "privacyStatementUrl") ?? "",
    publicClient: { redirectUris: texts(block(found, "publicClient"), "redirectUris") },
    publisherDomain: text(found, "publisherDomain") ?? "",
    requiredResourceAccesses: records(found, "requiredResourceAccess").map((access) => ({
      resourceAppId: access["resourceAppId"],
      resourceAccesses: records(access, "resourceAccess").map(({ id, type }) => ({ id, type })),
    })),
    serviceManagementReference: text(found, "serviceManagementReference") ?? "",
    signInAudience: text(found, "signInAudience") ?? "",
    singlePageApplication: { redirectUris: texts(block(found, "spa"), "redirectUris") },
    supportUrl: text(info, "supportUrl") ?? "",
    tags: texts(found, "tags"),
    templateId: text(found, "applicationTemplateId") ?? "",
    termsOfServiceUrl: text(info, "termsOfServiceUrl") ?? "",
    web: {
      homepageUrl: text(web, "homePageUrl") ?? "",
      implicitGrant: {
        accessTokenIssuanceEnabled: implicit["enableAccessTokenIssuance"] === true,
        idTokenIssuanceEnabled: implicit["enableIdTokenIssuance"] === true,
      },
      logoutUrl: text(web, "logoutUrl") ?? "",
      redirectUris: texts(web, "redirectUris"),
    },
  };
}

/** App roles and scopes by their names, as programs look them up. */
export function idsByValue(items: readonly Properties[]): Record<string, string> {
  return Object.fromEntries(
    items
      .filter(({ value }) => typeof value === "string" && value !== "")
      .map(({ value, id }) => [value as string, String(id)]),
  );
}

export function appRoleOutput(role: Properties): Properties {
  return {
    allowedMemberTypes: texts(role, "allowedMemberTypes"),
    description: text(role, "description") ?? "",
    displayName: text(role, "displayName") ?? "",
    enabled: role["isEnabled"] === true,
    id: text(role, "id") ?? "",
    value: text(role, "value") ?? "",
  };
}

const scopeTexts = [
  ...["adminConsentDescription", "adminConsentDisplayName"],
  ...["userConsentDescription", "userConsentDisplayName", "value"],
];

function scopeBody(scope: Properties): Properties {
  return {
    id: text(scope, "id"),
    isEnabled: scope["enabled"] !== false,
    type: text(scope, "type") ?? "User",
    ...Object.fromEntries(scopeTexts.map((key) => [key, filledText(scope, key)])),
  };
}

function scopeOutput(scope: Properties): Properties {
  return {
    id: text(scope, "id") ?? "",
    enabled: scope["isEnabled"] === true,
    type: text(scope, "type") ?? "",
    ...Object.fromEntries(scopeTexts.map((key) => [key, text(scope, key) ?? ""])),
  };
}

function block(properties: Properties, key: string): Properties {
  const value = properties[key];
  return isRecord(value) ? value : {};
}

/** An empty text is none: Graph wants null. */
function filledText(properties: Properties, key: string): string | null {
  const value = text(properties, key);
  return value === undefined || value === "" ? null : value;
}
