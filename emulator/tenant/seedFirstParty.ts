import type { PermissionScope, ServicePrincipal } from "./tenant";
import type { Cloud } from "./clouds";
import { tokenExchangeClientId } from "../entra/tokens";

/**
 * Microsoft's services, other than Graph, that this project meets: Key Vault and ARM (tokens), Dataverse and
 * Power Virtual Agents Service (readers of a vault secret), Power Apps (custom connectors), and the one whose tokens are assertions.
 *
 * @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in (read
 *   2026-11); sources disagree on the client ID of "Power Virtual Agents Service", hence look it up by name.
 */
const servicesOf = (cloud: Cloud) =>
  [
    {
      objectId: "b3d6a7e1-5c09-4f28-9b14-e2a8d07c6f35",
      clientId: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
      displayName: "Windows Azure Service Management API",
      shownNames: [
        `${cloud.resourceManager}/`,
        `${cloud.resourceManagerAudience}/`,
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        "Windows Azure Service Management API",
      ],
      names: [],
      replyUrls: [`${cloud.resourceManagerAudience}/`],
      scopeId: "41094075-9dad-400e-a0bd-54e686782033",
    },
    {
      objectId: "1f8c4b96-7d2e-4a53-8e60-c9b5f3a1d274",
      clientId: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
      displayName: "Azure Key Vault",
      names: [`https://${cloud.vaultSuffix}`],
    },
    {
      objectId: "a90e5d27-3b68-4c1f-b7d4-06f2e8c9a153",
      clientId: "00000007-0000-0000-c000-000000000000",
      displayName: "Dataverse",
      names: [`https://admin.services.crm.${cloud.dataverseDomain}`],
    },
    {
      objectId: "57c2f8b0-e649-4d3a-a18b-9d7e5c0f2a86",
      clientId: cloud.copilotStudioClientId,
      displayName: "Power Virtual Agents Service",
      names: [],
    },
    {
      objectId: "4d1e7c93-2b85-46fa-9a07-8f3c6e5d1b20",
      clientId: "00000003-0000-0ff1-ce00-000000000000",
      displayName: "Office 365 SharePoint Online",
      names: [`00000003-0000-0ff1-ce00-000000000000/*.${cloud.sharePointSuffix}`],
      roles: {
        "Sites.FullControl.All": "678536fe-1083-478a-9c59-b99265e6b0d3",
        "Sites.Read.All": "d13f72ca-a275-4b96-b789-48ebcc4da984",
        "Sites.Selected": "20d37865-089c-4dee-8c41-6967602d4ac8",
        "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
      },
    },
    {
      objectId: "7b9f2d46-c108-4e5a-b3d9-05a4e8c7f162",
      clientId: "00000002-0000-0ff1-ce00-000000000000",
      displayName: "Office 365 Exchange Online",
      names: [cloud.exchangeOnline, ...(cloud.name === "public" ? ["https://outlook.office.com"] : [])],
      roles: {
        full_access_as_app: "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
        "Exchange.ManageAsApp": "dc50a0fb-09a3-484d-be87-e023b12c6440",
        "IMAP.AccessAsApp": "5e5addcd-3e8d-4e90-baf5-964efab2b20a",
      },
    },
    {
      objectId: "c36a0e58-79d4-4b1f-8e62-d1f7b9a03c45",
      clientId: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
      displayName: "Office 365 Management APIs",
      names: cloud.officeManagement === undefined ? [] : [cloud.officeManagement],
      roles: {
        "ActivityFeed.Read": "594c1fb6-4f81-4475-ae41-0c394909246c",
        "ActivityFeed.ReadDlp": "4807a72c-ad38-4250-94c9-4eabfe26cd55",
        "ServiceHealth.Read": "e2cea78f-e743-4d8f-a16a-75b629a038ae",
      },
    },
    {
      objectId: "6c0d4f9e-2b71-4a85-93fe-d8a15c7e3b42",
      clientId: "475226c6-020e-4fb2-8a90-7a972cbfc1d4",
      displayName: "PowerApps Service",
      names: [cloud.powerApps.audience],
    },
    {
      objectId: "e2b71c5a-94d8-4f06-8c3e-1a7d6f9b0e53",
      clientId: tokenExchangeClientId,
      displayName: "AAD Token Exchange Endpoint - Public",
      names: [cloud.exchangeAudience],
    },
  ] as const;

/** Service principals of Microsoft's services, as every tenant has them. */
export function firstPartyServicePrincipals(cloud: Cloud, createdDateTime: string): ServicePrincipal[] {
  return servicesOf(cloud).map(({ objectId, clientId, displayName, names, ...others }) => ({
    id: objectId,
    appId: clientId,
    displayName,
    servicePrincipalType: "Application",
    accountEnabled: true,
    createdDateTime,
    appOwnerOrganizationId: cloud.microsoftTenantId,
    appRoles: "roles" in others ? Object.entries(others.roles).map(appRole) : [],
    oauth2PermissionScopes: "scopeId" in others ? [userImpersonation(others.scopeId)] : [],
    replyUrls: "replyUrls" in others ? [...others.replyUrls] : [],
    signInAudience: "AzureADMultipleOrgs",
    ownerIds: [],
    // Entra knows each URI with and without its last slash.
    servicePrincipalNames:
      "shownNames" in others
        ? [...others.shownNames]
        : [clientId, ...names.flatMap((name) => [name, `${name}/`])],
  }));
}

function appRole([value, id]: [string, string]): ServicePrincipal["appRoles"][number] {
  return {
    id,
    value,
    displayName: value,
    description: value,
    isEnabled: true,
    allowedMemberTypes: ["Application"],
  };
}

/** The delegated permission that a service of Azure offers: to act as the signed-in user. */
function userImpersonation(scopeId: string): PermissionScope {
  const [description, name] = [
    "Allows the application to access Azure Service Management as you.",
    "Access Azure Service Management as you (preview)",
  ];
  return {
    adminConsentDescription:
      "Allows the application to access the Azure Management Service API acting as users in the organization.",
    adminConsentDisplayName: "Access Azure Service Management as organization users (preview)",
    id: scopeId,
    isEnabled: true,
    type: "User",
    userConsentDescription: description,
    userConsentDisplayName: name,
    value: "user_impersonation",
  };
}
