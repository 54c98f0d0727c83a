import type { Application, PasswordCredential, TenantState } from "../tenant/tenant";
import type { Entity } from "./listing";
import { omit, type Defaults } from "./properties";

/**
 * An application's properties.
 *
 * @see https://learn.microsoft.com/graph/api/resources/application (read 2026-11)
 */
export const applicationDefaults: Defaults = {
  id: "",
  deletedDateTime: null,
  appId: "",
  applicationTemplateId: null,
  createdByAppId: null,
  createdDateTime: "",
  disabledByMicrosoftStatus: null,
  displayName: "",
  description: null,
  groupMembershipClaims: null,
  identifierUris: [],
  isDeviceOnlyAuthSupported: null,
  isFallbackPublicClient: null,
  nativeAuthenticationApisEnabled: null,
  notes: null,
  oauth2RequirePostResponse: false,
  optionalClaims: null,
  publisherDomain: null,
  requestSignatureVerification: null,
  samlMetadataUrl: null,
  serviceManagementReference: null,
  servicePrincipalLockConfiguration: null,
  signInAudience: "AzureADMyOrg",
  tags: [],
  tokenEncryptionKeyId: null,
  uniqueName: null,
  defaultRedirectUri: null,
  certification: null,
  addIns: [],
  api: {
    acceptMappedClaims: null,
    knownClientApplications: [],
    requestedAccessTokenVersion: null,
    oauth2PermissionScopes: [],
    preAuthorizedApplications: [],
  },
  appRoles: [],
  info: {
    logoUrl: null,
    marketingUrl: null,
    privacyStatementUrl: null,
    supportUrl: null,
    termsOfServiceUrl: null,
  },
  keyCredentials: [],
  parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: "Allow" },
  passwordCredentials: [],
  publicClient: { redirectUris: [] },
  requiredResourceAccess: [],
  verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
  web: {
    homePageUrl: null,
    logoutUrl: null,
    redirectUris: [],
    implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
    redirectUriSettings: [],
  },
  spa: { redirectUris: [] },
};

/** Set by Graph alone; secrets are made by `addPassword`, never given. */
export const applicationReadOnly: ReadonlySet<string> = new Set([
  "id",
  "appId",
  "createdDateTime",
  "createdByAppId",
  "deletedDateTime",
  "disabledByMicrosoftStatus",
  "publisherDomain",
  "verifiedPublisher",
  "certification",
  "passwordCredentials",
]);

/** An application as Graph answers it: no secret, no hash; owners and federation have addresses of their own. */
export function applicationEntity(application: Application, state: TenantState): Entity {
  return {
    ...applicationDefaults,
    publisherDomain: state.defaultDomain,
    ...omit(application, "federatedIdentityCredentials", "ownerIds"),
    passwordCredentials: application.passwordCredentials.map((credential) => passwordEntity(credential)),
  };
}

/** A password credential; `secretText` is given once, by `addPassword`, and is null ever after. */
export function passwordEntity(credential: PasswordCredential, secretText: string | null = null): Entity {
  const { keyId, displayName, startDateTime, endDateTime, hint } = credential;
  return { customKeyIdentifier: null, displayName, endDateTime, hint, keyId, secretText, startDateTime };
}
