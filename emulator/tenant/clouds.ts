/** Clouds that a tenant can be in. */
export const cloudNames = ["public", "usgovernment", "usgovernmentdod", "china"] as const;
export type CloudName = (typeof cloudNames)[number];

/** Where a cloud has what is emulated. Addresses are origins, without a slash at their end. */
export interface Cloud {
  readonly name: CloudName;
  /** As the Azure CLI and the metadata of Azure Resource Manager name it. */
  readonly azureName: string;
  readonly portal: string;
  readonly authority: string;
  /** Other hosts that Entra answers under. */
  readonly authorityAliases: readonly string[];
  /** Of tokens of version 1.0 and 2.0. */
  readonly issuers: { readonly version1: string; readonly version2: string };
  /** `cloud_instance_name` of the OpenID configuration. */
  readonly instanceName: string;
  readonly graph: string;
  readonly resourceManager: string;
  readonly resourceManagerAudience: string;
  readonly vaultSuffix: string;
  readonly storageSuffix: string;
  readonly logicAppSuffix: string;
  readonly exchangeAudience: string;
  /** Beginning of the subjects of Microsoft's services. */
  readonly serviceSubject: string;
  readonly powerApps: { readonly address: string; readonly audience: string };
  readonly sharePointSuffix: string;
  readonly dataverseDomain: string;
  readonly exchangeOnline: string;
  readonly officeManagement: string | undefined;
  /** Client ID of "Power Virtual Agents Service". */
  readonly copilotStudioClientId: string;
  /** Tenant that owns Microsoft's own applications. */
  readonly microsoftTenantId: string;
}

const publicCloud: Cloud = {
  name: "public",
  azureName: "AzureCloud",
  portal: "https://portal.azure.com",
  authority: "https://login.microsoftonline.com",
  authorityAliases: ["login.microsoft.com", "login.windows.net", "sts.windows.net"],
  issuers: { version1: "https://sts.windows.net", version2: "https://login.microsoftonline.com" },
  instanceName: "microsoftonline.com",
  graph: "https://graph.microsoft.com",
  resourceManager: "https://management.azure.com",
  resourceManagerAudience: "https://management.core.windows.net",
  vaultSuffix: "vault.azure.net",
  storageSuffix: "core.windows.net",
  logicAppSuffix: "logic.azure.com",
  exchangeAudience: "api://AzureADTokenExchange",
  serviceSubject: "/eid1/c/pub",
  powerApps: { address: "https://api.powerapps.com", audience: "https://service.powerapps.com" },
  sharePointSuffix: "sharepoint.com",
  dataverseDomain: "dynamics.com",
  exchangeOnline: "https://outlook.office365.com",
  officeManagement: "https://manage.office.com",
  copilotStudioClientId: "9d8f559b-5984-46a4-902a-ad4271e83efa",
  microsoftTenantId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
};

const usGovernment: Cloud = {
  name: "usgovernment",
  azureName: "AzureUSGovernment",
  portal: "https://portal.azure.us",
  authority: "https://login.microsoftonline.us",
  authorityAliases: ["login.usgovcloudapi.net"],
  issuers: { version1: "https://sts.windows.net", version2: "https://login.microsoftonline.us" },
  instanceName: "microsoftonline.us",
  graph: "https://graph.microsoft.us",
  resourceManager: "https://management.usgovcloudapi.net",
  resourceManagerAudience: "https://management.core.usgovcloudapi.net",
  vaultSuffix: "vault.usgovcloudapi.net",
  storageSuffix: "core.usgovcloudapi.net",
  logicAppSuffix: "logic.azure.us",
  exchangeAudience: "api://AzureADTokenExchangeUSGov",
  serviceSubject: "/eid1/c/usg",
  powerApps: { address: "https://high.api.powerapps.us", audience: "https://high.service.powerapps.us" },
  sharePointSuffix: "sharepoint.us",
  dataverseDomain: "microsoftdynamics.us",
  exchangeOnline: "https://outlook.office365.us",
  officeManagement: "https://manage.office365.us",
  copilotStudioClientId: "69c6e40c-465f-4154-987d-da5cba10734e",
  microsoftTenantId: "cab8a31a-1906-4287-a0d8-4eef66b95f6e",
};

/**
 * The emulator's own table: it imports nothing of the product, and a test compares the two.
 *
 * @see https://github.com/hashicorp/go-azure-sdk/tree/main/sdk/environments (read 2026-11)
 * @see https://learn.microsoft.com/graph/deployments (read 2026-11)
 */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  public: publicCloud,
  usgovernment: usGovernment,
  usgovernmentdod: {
    ...usGovernment,
    name: "usgovernmentdod",
    graph: "https://dod-graph.microsoft.us",
    powerApps: {
      address: "https://api.apps.appsplatform.us",
      audience: "https://service.apps.appsplatform.us",
    },
    copilotStudioClientId: "bd4a9f18-e349-4c74-a6b7-65dd465ea9ab",
    sharePointSuffix: "sharepoint-mil.us",
    dataverseDomain: "appsplatform.us",
    exchangeOnline: "https://outlook-dod.office365.us",
    officeManagement: "https://manage.protection.apps.mil",
  },
  china: {
    name: "china",
    azureName: "AzureChinaCloud",
    portal: "https://portal.azure.cn",
    authority: "https://login.chinacloudapi.cn",
    authorityAliases: ["login.partner.microsoftonline.cn", "sts.chinacloudapi.cn"],
    issuers: {
      version1: "https://sts.chinacloudapi.cn",
      version2: "https://login.partner.microsoftonline.cn",
    },
    instanceName: "partner.microsoftonline.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
    resourceManager: "https://management.chinacloudapi.cn",
    resourceManagerAudience: "https://management.core.chinacloudapi.cn",
    vaultSuffix: "vault.azure.cn",
    storageSuffix: "core.chinacloudapi.cn",
    logicAppSuffix: "logic.azure.cn",
    exchangeAudience: "api://AzureADTokenExchangeChina",
    serviceSubject: "/eid1/c/chn",
    powerApps: { address: "https://api.powerapps.cn", audience: "https://service.powerapps.cn" },
    sharePointSuffix: "sharepoint.cn",
    dataverseDomain: "dynamics.cn",
    exchangeOnline: "https://partner.outlook.cn",
    officeManagement: undefined,
    copilotStudioClientId: "9d8f559b-5984-46a4-902a-ad4271e83efa",
    microsoftTenantId: "a55a4d5b-9241-49b1-b4ff-befa8db00269",
  },
};

/** The cloud of a tenant; one that an earlier version kept is in the public one. */
export function cloudOf({ cloud = "public" }: { readonly cloud?: CloudName }): Cloud {
  return clouds[cloud];
}

/**
 * The cloud that a provider's `environment` names.
 *
 * @returns undefined for a value that neither real provider knows.
 * @see https://github.com/hashicorp/go-azure-sdk/blob/main/sdk/environments/from_name.go (read 2026-11): azuread; the long names are
 *   azure-native's
 */
export function cloudOfEnvironment(text: string | undefined): Cloud | undefined {
  const names: Readonly<Record<string, CloudName>> = {
    "": "public",
    public: "public",
    global: "public",
    usgovernment: "usgovernment",
    usgovernmentl4: "usgovernment",
    usgovernmentl5: "usgovernmentdod",
    dod: "usgovernmentdod",
    china: "china",
    azurecloud: "public",
    usgov: "usgovernment",
    azureusgovernment: "usgovernment",
    azureusgovernmentcloud: "usgovernment",
    azurechinacloud: "china",
  };
  const name = (text ?? "").toLowerCase();
  return Object.hasOwn(names, name) ? clouds[names[name] as CloudName] : undefined;
}
