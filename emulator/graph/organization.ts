import type { TenantState } from "../tenant/tenant";
import type { Entity } from "./listing";

/**
 * The tenant itself, as `organization` answers it.
 *
 * @see https://learn.microsoft.com/graph/api/resources/organization (read 2026-11)
 */
export function organizationEntity({ tenantId, tenantDisplayName, defaultDomain }: TenantState): Entity {
  return {
    id: tenantId,
    deletedDateTime: null,
    businessPhones: [],
    city: null,
    country: null,
    countryLetterCode: "NL",
    createdDateTime: "2020-01-01T00:00:00Z",
    defaultUsageLocation: null,
    displayName: tenantDisplayName,
    isMultipleDataLocationsForServicesEnabled: null,
    marketingNotificationEmails: [],
    onPremisesSyncEnabled: null,
    postalCode: null,
    preferredLanguage: "en",
    privacyProfile: null,
    securityComplianceNotificationMails: [],
    securityComplianceNotificationPhones: [],
    state: null,
    street: null,
    technicalNotificationMails: [],
    tenantType: "AAD",
    assignedPlans: [],
    provisionedPlans: [],
    verifiedDomains: [
      {
        capabilities: "Email, OfficeCommunicationsOnline",
        isDefault: true,
        isInitial: true,
        name: defaultDomain,
        type: "Managed",
      },
    ],
  };
}

/**
 * The tenant's one domain, as `domains` answers it.
 *
 * @see https://learn.microsoft.com/graph/api/resources/domain (read 2026-11)
 */
export function domainEntity({ defaultDomain }: TenantState): Entity {
  return {
    authenticationType: "Managed",
    availabilityStatus: null,
    id: defaultDomain,
    isAdminManaged: true,
    isDefault: true,
    isInitial: true,
    isRoot: true,
    isVerified: true,
    manufacturer: null,
    model: null,
    passwordNotificationWindowInDays: null,
    passwordValidityPeriodInDays: null,
    state: null,
    supportedServices: ["Email", "OfficeCommunicationsOnline"],
  };
}
