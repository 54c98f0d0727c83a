/** Clouds of Microsoft that a stack can be in. GCC tenants are in the public one. */
export const CloudName = {
  public: "public",
  usgovernment: "usgovernment",
  usgovernmentdod: "usgovernmentdod",
  china: "china",
} as const;
export type CloudName = (typeof CloudName)[keyof typeof CloudName];

/** Regions of the Bot Framework's token service. */
export const tokenServiceRegions = [
  "global",
  "europe",
  "unitedStates",
  "india",
  "usGovernment",
  "china",
] as const;
export type TokenServiceRegion = (typeof tokenServiceRegions)[number];

/**
 * A cloud: every address, audience and name in it that this project uses. Addresses are origins, without a slash at their
 * end. Read 2026-11; where a row has no source of its own, the field's source has all four clouds.
 */
export interface Cloud {
  readonly name: CloudName;
  /** For people. */
  readonly title: string;
  /**
   * Values by which the providers of Entra and of Azure choose it, as this project suggests them.
   *
   * @see https://github.com/hashicorp/go-azure-sdk/blob/main/sdk/environments/from_name.go: azuread
   * @see https://github.com/pulumi/pulumi-azure-native, provider/pkg/azure/cloud `FromName`: azure-native, which has no DoD
   */
  readonly providers: { readonly azuread: string; readonly azureNative: string };
  /**
   * Its name in the Azure CLI, which has no cloud of DoD's own.
   *
   * @see https://github.com/Azure/azure-cli/blob/dev/src/azure-cli-core/azure/cli/core/cloud.py
   */
  readonly azureCli: string;
  /** One of its Azure regions, to suggest. */
  readonly location: string;
  /**
   * Entra: where tokens are asked for.
   *
   * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
   * @see https://github.com/hashicorp/go-azure-sdk/tree/main/sdk/environments: azure_public, azure_gov, azure_china; the same for
   *   {@link graph}, {@link resourceManager} and {@link vaultSuffix}
   */
  readonly authority: string;
  /**
   * Issuers of its tokens: of version 1.0 and 2.0, each followed by the tenant.
   *
   * @see https://login.microsoftonline.us/common/v2.0/.well-known/openid-configuration and its like
   */
  readonly issuers: { readonly version1: string; readonly version2: string };
  /**
   * Microsoft Graph, and the audience of its tokens.
   *
   * @see https://learn.microsoft.com/graph/deployments
   */
  readonly graph: string;
  /** Azure Resource Manager, and an audience of its tokens. */
  readonly resourceManager: string;
  /** The other audience of Azure Resource Manager's tokens. */
  readonly resourceManagerAudience: string;
  /**
   * What follows a vault's name; `https://` before it makes the audience of vaults' tokens.
   *
   * @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
   */
  readonly vaultSuffix: string;
  /**
   * Where triggers of Logic Apps listen.
   *
   * @see https://learn.microsoft.com/power-automate/ip-address-configuration
   */
  readonly logicAppSuffix: string;
  /**
   * Audience of the tokens by which a federated credential signs in.
   *
   * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
   */
  readonly exchangeAudience: string;
  /**
   * Beginning of the subjects of Power Platform's managed identities.
   *
   * @see https://learn.microsoft.com/power-platform/admin/set-up-managed-identity
   */
  readonly managedIdentitySubject: string;
  /**
   * The Power Apps API, and the audience of its tokens.
   *
   * @see https://www.powershellgallery.com/packages/Microsoft.PowerApps.PowerShell: `Add-PowerAppsAccount -Endpoint`
   */
  readonly powerApps: { readonly address: string; readonly audience: string };
  /**
   * What custom connectors have: the domain of their redirect URIs, and where they get tokens. Undefined where no document
   * names the domain.
   *
   * @see https://learn.microsoft.com/connectors/custom-connectors/azure-active-directory-authentication
   */
  readonly connectors: { readonly consentSuffix: string; readonly tokenAuthority: string } | undefined;
  /**
   * Hosts of the Bot Framework's token service, which signs users in for an agent, by region.
   *
   * @see https://learn.microsoft.com/azure/bot-service/ref-oauth-redirect-urls
   */
  readonly tokenServices: { readonly [region in TokenServiceRegion]?: string };
  /**
   * Where people make agents, flows and solutions, and administer environments. An agent needs all of them.
   *
   * @see https://learn.microsoft.com/microsoft-copilot-studio/requirements-licensing-gcc: Copilot Studio
   * @see https://learn.microsoft.com/power-platform/admin/powerapps-us-government: the others
   */
  readonly makers: {
    readonly copilotStudio: string;
    readonly powerApps: string;
    readonly powerAutomate: string;
  };
  /**
   * Client ID of the service that reads vault secrets for topics. Undefined in the public cloud, where it is found by its
   * name: GCC has another one than the rest.
   *
   * @see https://github.com/microsoft/vscode-copilotstudio, account.ts
   */
  readonly copilotStudioClientId?: string;
  /** The tenant that owns Microsoft's own applications. */
  readonly microsoftTenantId: string;
  /** @see https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges and its like for each cloud */
  readonly sharePointSuffix: string;
  /**
   * Domain of Dataverse's environments, after `crm` and a number.
   *
   * @see https://learn.microsoft.com/power-apps/developer/data-platform/discovery-service
   */
  readonly dataverseDomain: string;
  /**
   * Where blobs, queues and tables of Azure Storage are, after the account's name and the service.
   *
   * @see https://github.com/hashicorp/go-azure-sdk/tree/main/sdk/environments
   */
  readonly storageSuffix: string;
  /**
   * Other APIs, by their well-known names.
   *
   * @see https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-reference
   * @see https://learn.microsoft.com/microsoft-365/security/defender-endpoint/gov: Defender
   * @see https://github.com/hashicorp/go-azure-sdk/tree/main/sdk/environments: Log Analytics
   */
  readonly apis: Readonly<Record<string, ApiPlace>>;
  /** What it does not offer, or what no document says that it offers, for people: one sentence each. */
  readonly missing: { readonly [feature in CloudFeature]?: string };
}

/** Where an API is in a cloud. */
export interface ApiPlace {
  /** What tokens for it are asked for. Default: what the tenant lists for it. */
  readonly audience?: string;
  /**
   * Its hosts; `*.` means any subdomains. No token for it goes elsewhere. The first is where its reads go. Default: none is
   * known.
   */
  readonly hosts?: readonly string[];
}

/** A part of this project that not every cloud offers: agents of Copilot Studio, and Logic Apps that connectors call. */
export type CloudFeature = "agents" | "connectors" | "secretVariables" | "logicAppConnector";

const publicCloud: Cloud = {
  name: "public",
  title: "the public cloud",
  providers: { azuread: "public", azureNative: "public" },
  azureCli: "AzureCloud",
  location: "westeurope",
  authority: "https://login.microsoftonline.com",
  issuers: { version1: "https://sts.windows.net", version2: "https://login.microsoftonline.com" },
  graph: "https://graph.microsoft.com",
  resourceManager: "https://management.azure.com",
  resourceManagerAudience: "https://management.core.windows.net",
  vaultSuffix: "vault.azure.net",
  logicAppSuffix: "logic.azure.com",
  exchangeAudience: "api://AzureADTokenExchange",
  managedIdentitySubject: "/eid1/c/pub",
  powerApps: { address: "https://api.powerapps.com", audience: "https://service.powerapps.com" },
  connectors: { consentSuffix: "consent.azure-apim.net", tokenAuthority: "https://login.windows.net" },
  tokenServices: {
    global: "token.botframework.com",
    europe: "europe.token.botframework.com",
    unitedStates: "unitedstates.token.botframework.com",
    india: "india.token.botframework.com",
    // Environments of GCC run in Azure Government, although their tenants are here.
    usGovernment: "token.botframework.azure.us",
  },
  makers: {
    copilotStudio: "copilotstudio.microsoft.com",
    powerApps: "make.powerapps.com",
    powerAutomate: "make.powerautomate.com",
  },
  microsoftTenantId: "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
  sharePointSuffix: "sharepoint.com",
  dataverseDomain: "dynamics.com",
  storageSuffix: "core.windows.net",
  apis: {
    Office365ExchangeOnline: {
      audience: "https://outlook.office365.com",
      hosts: ["outlook.office365.com", "outlook.office.com"],
    },
    Office365Management: { audience: "https://manage.office.com", hosts: ["manage.office.com"] },
    WindowsDefenderAtp: {
      audience: "https://securitycenter.onmicrosoft.com/windowsatpservice",
      hosts: ["api.security.microsoft.com", "*.security.microsoft.com", "*.securitycenter.microsoft.com"],
    },
    ThreatProtection: {
      audience: "https://api.security.microsoft.com",
      hosts: ["api.security.microsoft.com", "*.security.microsoft.com"],
    },
    LogAnalytics: {
      audience: "https://api.loganalytics.io",
      hosts: ["api.loganalytics.io", "api.loganalytics.azure.com"],
    },
    PowerPlatform: { audience: "https://api.powerplatform.com", hosts: ["*.powerplatform.com"] },
    PowerBiService: { audience: "https://analysis.windows.net/powerbi/api", hosts: ["api.powerbi.com"] },
    Dynamic365BusinessCentral: {
      audience: "https://api.businesscentral.dynamics.com",
      hosts: ["api.businesscentral.dynamics.com"],
    },
    InTune: { audience: "https://api.manage.microsoft.com/", hosts: ["*.manage.microsoft.com"] },
    AzureDevOps: {
      audience: "499b84ac-1321-427f-aa17-267ca6975798",
      hosts: ["dev.azure.com", "*.dev.azure.com"],
    },
  },
  missing: {},
};

const secretVariables =
  "Microsoft said in 2023 that environment variables of type secret are not available here, and has published nothing newer " +
  "(MicrosoftDocs/powerapps-docs#4781). Try one before you rely on it.";

const usGovernment: Cloud = {
  name: "usgovernment",
  title: "the US Government cloud (GCC High)",
  providers: { azuread: "usgovernment", azureNative: "usgovernment" },
  azureCli: "AzureUSGovernment",
  location: "usgovvirginia",
  authority: "https://login.microsoftonline.us",
  issuers: { version1: "https://sts.windows.net", version2: "https://login.microsoftonline.us" },
  graph: "https://graph.microsoft.us",
  resourceManager: "https://management.usgovcloudapi.net",
  resourceManagerAudience: "https://management.core.usgovcloudapi.net",
  vaultSuffix: "vault.usgovcloudapi.net",
  logicAppSuffix: "logic.azure.us",
  exchangeAudience: "api://AzureADTokenExchangeUSGov",
  managedIdentitySubject: "/eid1/c/usg",
  powerApps: { address: "https://high.api.powerapps.us", audience: "https://high.service.powerapps.us" },
  connectors: undefined,
  tokenServices: { usGovernment: "token.botframework.azure.us" },
  makers: {
    copilotStudio: "high.powerva.microsoft.us",
    powerApps: "make.high.powerapps.us",
    powerAutomate: "high.flow.microsoft.us",
  },
  copilotStudioClientId: "69c6e40c-465f-4154-987d-da5cba10734e",
  microsoftTenantId: "cab8a31a-1906-4287-a0d8-4eef66b95f6e",
  sharePointSuffix: "sharepoint.us",
  dataverseDomain: "microsoftdynamics.us",
  storageSuffix: "core.usgovcloudapi.net",
  apis: {
    Office365ExchangeOnline: { audience: "https://outlook.office365.us", hosts: ["outlook.office365.us"] },
    Office365Management: { audience: "https://manage.office365.us", hosts: ["manage.office365.us"] },
    LogAnalytics: { audience: "https://api.loganalytics.us", hosts: ["api.loganalytics.us"] },
    PowerPlatform: {
      audience: "https://api.high.powerplatform.microsoft.us",
      hosts: ["api.high.powerplatform.microsoft.us"],
    },
    PowerBiService: { audience: "https://high.analysis.usgovcloudapi.net/powerbi/api" },
  },
  missing: {
    connectors:
      "No document names the redirect URI of a custom connector in this cloud, so none is generated. Use the agent's own sign-in (Authenticate manually).",
    secretVariables,
  },
};

const usGovernmentDod: Cloud = {
  // Azure and Entra are the same; Microsoft Graph, Microsoft 365 and Power Platform are apart.
  ...usGovernment,
  name: "usgovernmentdod",
  title: "the US Government cloud (DoD)",
  providers: { azuread: "usgovernmentl5", azureNative: "usgovernment" },
  location: "usdodcentral",
  graph: "https://dod-graph.microsoft.us",
  powerApps: {
    address: "https://api.apps.appsplatform.us",
    audience: "https://service.apps.appsplatform.us",
  },
  makers: {
    copilotStudio: "powerva.appsplatform.us",
    powerApps: "make.apps.appsplatform.us",
    powerAutomate: "flow.appsplatform.us",
  },
  copilotStudioClientId: "bd4a9f18-e349-4c74-a6b7-65dd465ea9ab",
  sharePointSuffix: "sharepoint-mil.us",
  dataverseDomain: "appsplatform.us",
  storageSuffix: "core.usgovcloudapi.net",
  apis: {
    Office365ExchangeOnline: {
      audience: "https://outlook-dod.office365.us",
      hosts: ["outlook-dod.office365.us"],
    },
    Office365Management: {
      audience: "https://manage.protection.apps.mil",
      hosts: ["manage.protection.apps.mil"],
    },
    LogAnalytics: { audience: "https://api.loganalytics.us", hosts: ["api.loganalytics.us"] },
    PowerPlatform: { audience: "https://api.appsplatform.us", hosts: ["api.appsplatform.us"] },
    PowerBiService: { audience: "https://mil.analysis.usgovcloudapi.net/powerbi/api" },
  },
  missing: {
    ...usGovernment.missing,
    agents:
      "Microsoft's table of service addresses has no Copilot Studio for DoD (learn.microsoft.com/microsoft-copilot-studio/requirements-licensing-gcc); its own tools know an address.",
    logicAppConnector:
      "The connector HTTP with Microsoft Entra ID is not available to Logic Apps of DoD (learn.microsoft.com/connectors/webcontents).",
  },
};

const china: Cloud = {
  name: "china",
  title: "the cloud of 21Vianet (China)",
  providers: { azuread: "china", azureNative: "china" },
  azureCli: "AzureChinaCloud",
  location: "chinanorth3",
  // Documents also call it login.partner.microsoftonline.cn, which its tokens of version 2.0 name as their issuer.
  authority: "https://login.chinacloudapi.cn",
  issuers: { version1: "https://sts.chinacloudapi.cn", version2: "https://login.partner.microsoftonline.cn" },
  graph: "https://microsoftgraph.chinacloudapi.cn",
  resourceManager: "https://management.chinacloudapi.cn",
  resourceManagerAudience: "https://management.core.chinacloudapi.cn",
  vaultSuffix: "vault.azure.cn",
  logicAppSuffix: "logic.azure.cn",
  exchangeAudience: "api://AzureADTokenExchangeChina",
  managedIdentitySubject: "/eid1/c/chn",
  powerApps: { address: "https://api.powerapps.cn", audience: "https://service.powerapps.cn" },
  connectors: undefined,
  tokenServices: { china: "token.botframework.azure.cn" },
  makers: {
    copilotStudio: "powerva.powervirtualagents.cn",
    powerApps: "make.powerapps.cn",
    powerAutomate: "make.powerautomate.cn",
  },
  microsoftTenantId: "a55a4d5b-9241-49b1-b4ff-befa8db00269",
  sharePointSuffix: "sharepoint.cn",
  dataverseDomain: "dynamics.cn",
  storageSuffix: "core.chinacloudapi.cn",
  apis: {
    Office365ExchangeOnline: { audience: "https://partner.outlook.cn", hosts: ["partner.outlook.cn"] },
    LogAnalytics: { audience: "https://api.loganalytics.azure.cn", hosts: ["api.loganalytics.azure.cn"] },
    PowerPlatform: {
      audience: "https://api.powerplatform.partner.microsoftonline.cn",
      hosts: ["api.powerplatform.partner.microsoftonline.cn"],
    },
    PowerBiService: { audience: "https://analysis.chinacloudapi.cn/powerbi/api" },
  },
  missing: {
    ...usGovernment.missing,
    agents:
      "No document of Microsoft's offers Copilot Studio in this cloud, and its own tools have no client ID for it there.",
  },
};

/** Every cloud, by its name. */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  public: publicCloud,
  usgovernment: usGovernment,
  usgovernmentdod: usGovernmentDod,
  china,
};

/** Schema of workflow definitions: a name that is the same in every cloud, and no address. */
export const workflowSchema =
  "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#";

/** Audience of Azure Storage's tokens in every cloud. */
export const storageAudience = "https://storage.azure.com";

/** Audience of Azure AD Graph, which is retired. */
export const retiredGraphAudience = "https://graph.windows.net";

/**
 * Beginning of the redirect URIs of a cloud's custom connectors; each connector's name follows.
 *
 * @throws {Error} For a cloud without {@link Cloud.connectors}.
 */
export function connectorRedirect({ connectors, name }: Cloud): string {
  if (connectors === undefined) throw new Error(`The cloud ${name} has no connectors.`);
  return `https://global.${connectors.consentSuffix}/redirect`;
}
