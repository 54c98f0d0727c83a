import type { Defaults } from "./properties";

/** Addresses that an application shows to people, before any is set. */
export const informationalUrls = {
  logoUrl: null,
  marketingUrl: null,
  privacyStatementUrl: null,
  supportUrl: null,
  termsOfServiceUrl: null,
};

/**
 * An application's properties, in Graph's order.
 *
 * @see https://learn.microsoft.com/graph/api/resources/application (read 2026-11)
 */
export const applicationDefaults: Defaults = {
  id: "",
  deletedDateTime: null,
  appId: "",
  applicationTemplateId: null,
  disabledByMicrosoftStatus: null,
  createdByAppId: null,
  createdDateTime: "",
  displayName: "",
  description: null,
  groupMembershipClaims: null,
  identifierUris: [],
  isDeviceOnlyAuthSupported: null,
  isFallbackPublicClient: null,
  nativeAuthenticationApisEnabled: null,
  notes: null,
  oauth2RequirePostResponse: false,
  publisherDomain: null,
  serviceManagementReference: null,
  signInAudience: "AzureADMyOrg",
  tags: [],
  tokenEncryptionKeyId: null,
  uniqueName: null,
  samlMetadataUrl: null,
  defaultRedirectUri: null,
  certification: null,
  optionalClaims: null,
  servicePrincipalLockConfiguration: null,
  requestSignatureVerification: null,
  addIns: [],
  api: {
    acceptMappedClaims: null,
    knownClientApplications: [],
    requestedAccessTokenVersion: null,
    oauth2PermissionScopes: [],
    preAuthorizedApplications: [],
  },
  appRoles: [],
  info: informationalUrls,
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

/** Set only by Graph. */
export const applicationReadOnly: ReadonlySet<string> = new Set([
  "id",
  "appId",
  "applicationTemplateId",
  "createdDateTime",
  "createdByAppId",
  "deletedDateTime",
  "disabledByMicrosoftStatus",
  "publisherDomain",
  "verifiedPublisher",
  "certification",
  "uniqueName",
]);
