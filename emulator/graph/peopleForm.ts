import type { Group, User } from "../tenant/tenant";
import type { Entity } from "./listing";
import { omit, type Defaults } from "./properties";

/**
 * What a user shows when nothing is selected.
 *
 * @see https://learn.microsoft.com/graph/api/user-get (read 2026-11)
 */
export const usersShown = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
] as const;

/** @see https://learn.microsoft.com/graph/api/resources/user (read 2026-11) */
export const userDefaults: Defaults = {
  id: "",
  deletedDateTime: null,
  accountEnabled: true,
  ageGroup: null,
  businessPhones: [],
  city: null,
  companyName: null,
  consentProvidedForMinor: null,
  country: null,
  createdDateTime: "",
  creationType: null,
  department: null,
  displayName: "",
  employeeHireDate: null,
  employeeId: null,
  employeeOrgData: null,
  employeeType: null,
  externalUserState: null,
  faxNumber: null,
  givenName: null,
  identities: [],
  imAddresses: [],
  jobTitle: null,
  mail: null,
  mailNickname: null,
  mobilePhone: null,
  officeLocation: null,
  onPremisesDistinguishedName: null,
  onPremisesDomainName: null,
  onPremisesImmutableId: null,
  onPremisesSamAccountName: null,
  onPremisesSecurityIdentifier: null,
  onPremisesSyncEnabled: null,
  onPremisesUserPrincipalName: null,
  otherMails: [],
  passwordPolicies: null,
  passwordProfile: null,
  postalCode: null,
  preferredLanguage: null,
  proxyAddresses: [],
  showInAddressList: null,
  state: null,
  streetAddress: null,
  surname: null,
  usageLocation: null,
  userPrincipalName: "",
  userType: "Member",
};

export const userReadOnly: ReadonlySet<string> = new Set([
  "id",
  "createdDateTime",
  "deletedDateTime",
  "creationType",
  "externalUserState",
  "imAddresses",
  "onPremisesSyncEnabled",
  "proxyAddresses",
]);

/** A user as Graph answers it. */
export function userEntity(user: User): Entity {
  return { ...userDefaults, ...user };
}

/** @see https://learn.microsoft.com/graph/api/resources/group (read 2026-11) */
export const groupDefaults: Defaults = {
  id: "",
  deletedDateTime: null,
  classification: null,
  createdDateTime: "",
  creationOptions: [],
  description: null,
  displayName: "",
  expirationDateTime: null,
  groupTypes: [],
  isAssignableToRole: null,
  mail: null,
  mailEnabled: false,
  mailNickname: null,
  membershipRule: null,
  membershipRuleProcessingState: null,
  onPremisesDomainName: null,
  onPremisesLastSyncDateTime: null,
  onPremisesNetBiosName: null,
  onPremisesSamAccountName: null,
  onPremisesSecurityIdentifier: null,
  onPremisesSyncEnabled: null,
  onPremisesProvisioningErrors: [],
  preferredDataLocation: null,
  preferredLanguage: null,
  proxyAddresses: [],
  renewedDateTime: null,
  resourceBehaviorOptions: [],
  resourceProvisioningOptions: [],
  securityEnabled: true,
  securityIdentifier: null,
  serviceProvisioningErrors: [],
  theme: null,
  uniqueName: null,
  visibility: null,
  writebackConfiguration: null,
};

export const groupReadOnly: ReadonlySet<string> = new Set([
  "id",
  "createdDateTime",
  "deletedDateTime",
  "mail",
  "proxyAddresses",
  "securityIdentifier",
  "uniqueName",
]);

/** A group as Graph answers it; members and owners have addresses of their own. */
export function groupEntity(group: Group): Entity {
  return { ...groupDefaults, ...omit(group, "memberIds", "ownerIds") };
}
