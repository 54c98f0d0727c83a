import { clouds, storageAudience, type ApiPlace, type Cloud } from "../cloud/clouds";

/** An API of Microsoft's beside Microsoft Graph, and how an app gets access to it. */
export interface KnownApi {
  /** Name that settings may use, as azuread publishes it. */
  readonly name: string;
  readonly clientId: string;
  /** As the portal shows it. */
  readonly title: string;
  /** App roles by which it can be recognised: no other API has them. */
  readonly ownRoles?: readonly string[];
  /** How an app gets access, for an API that has no app roles. */
  readonly instead?: string;
  /** What else an app needs beside the app role, or what narrows it. */
  readonly note?: string;
  /** The same for single app roles, for which `note` does not count. */
  readonly roleNotes?: Readonly<Record<string, string>>;
}

/** Its permissions have a setting of their own. */
export const graphApiName = "MicrosoftGraph";

const managesAsApp = "https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2";
const mailboxNote =
  "Exchange opens only mailboxes on which the app is given a permission: New-ServicePrincipal, then Add-MailboxPermission. https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth";

/**
 * Well-known APIs. App role IDs are not here: the tenant's own service principal tells them.
 *
 * @see https://github.com/hashicorp/go-azure-sdk/blob/main/sdk/environments/application_ids.go (read 2026-11): names and
 *   client IDs
 */
export const knownApis: readonly KnownApi[] = [
  {
    name: graphApiName,
    clientId: "00000003-0000-0000-c000-000000000000",
    title: "Microsoft Graph",
    instead: "Microsoft Graph's permissions belong into `permissions`.",
  },
  {
    name: "Office365SharePointOnline",
    clientId: "00000003-0000-0ff1-ce00-000000000000",
    title: "Office 365 SharePoint Online",
    ownRoles: ["TermStore.ReadWrite.All", "Sites.Manage.All"],
    note: "SharePoint's REST API refuses app-only tokens that were got with a client secret. Use credential: certificate, federated or managedIdentity, or the /sites requests of Microsoft Graph.",
  },
  {
    name: "Office365ExchangeOnline",
    clientId: "00000002-0000-0ff1-ce00-000000000000",
    title: "Office 365 Exchange Online",
    ownRoles: [
      "full_access_as_app",
      "Exchange.ManageAsApp",
      "IMAP.AccessAsApp",
      "POP.AccessAsApp",
      "SMTP.SendAsApp",
    ],
    note: "An app role of Exchange reaches every mailbox. To narrow it to some, grant it by RBAC for Applications in Exchange instead: https://learn.microsoft.com/exchange/permissions-exo/application-rbac",
    roleNotes: {
      "Exchange.ManageAsApp": `The app also needs a directory role such as Exchange Recipient Administrator: the permission alone ends with 403. ${managesAsApp}`,
      "IMAP.AccessAsApp": mailboxNote,
      "POP.AccessAsApp": mailboxNote,
    },
  },
  {
    name: "Office365Management",
    clientId: "c5393580-f805-4401-95e8-94b7a6ef2fc2",
    title: "Office 365 Management APIs",
    ownRoles: ["ActivityFeed.Read", "ActivityFeed.ReadDlp"],
  },
  {
    name: "WindowsDefenderAtp",
    clientId: "fc780465-2017-40d4-a0c5-307022471b92",
    title: "WindowsDefenderATP",
    ownRoles: ["AdvancedQuery.Read.All", "Machine.Read.All", "Vulnerability.Read.All", "Score.Read.All"],
  },
  {
    name: "ThreatProtection",
    clientId: "8ee8fdad-f234-4243-8f3b-15c294843740",
    title: "Microsoft Threat Protection",
    ownRoles: ["AdvancedHunting.Read.All"],
  },
  {
    name: "LogAnalytics",
    clientId: "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5",
    title: "Log Analytics API",
    ownRoles: ["Data.Read"],
    note: "The app also needs the Azure role Log Analytics Reader on the workspace.",
  },
  {
    name: "PowerPlatform",
    clientId: "8578e004-a5c6-46e7-913e-12f58912df43",
    title: "Power Platform API",
    ownRoles: ["CopilotStudio.Copilots.Invoke"],
  },
  {
    name: "PowerBiService",
    clientId: "00000009-0000-0000-c000-000000000000",
    title: "Power BI Service",
    note: "Power BI also wants its tenant setting for service principals, and a role in the workspace.",
  },
  {
    name: "Dynamic365BusinessCentral",
    clientId: "996def3d-b36c-4153-8607-a6fd3c01b89f",
    title: "Dynamics 365 Business Central",
    note: "The app also has to be registered in Business Central, with permission sets.",
  },
  {
    name: "InTune",
    clientId: "c161e42e-d4df-4a3d-9b42-e7a3c31f59d4",
    title: "Microsoft Intune API",
  },
  {
    name: "DynamicsCrm",
    clientId: "00000007-0000-0000-c000-000000000000",
    title: "Dataverse",
    instead:
      "Dataverse has no app roles. Make the app an application user of the environment, with a security role: https://learn.microsoft.com/power-platform/admin/manage-application-users",
  },
  {
    name: "AzureResourceManager",
    clientId: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    title: "Azure Resource Manager",
    instead:
      "Azure Resource Manager has no app roles. Assign the app's service principal an Azure role: az role assignment create",
  },
  {
    name: "AzureKeyVault",
    clientId: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
    title: "Azure Key Vault",
    instead:
      "Key Vault has no app roles. Assign the app's service principal an Azure role such as Key Vault Secrets User.",
  },
  {
    name: "AzureStorage",
    clientId: "e406a681-f3d4-42a8-90b6-c2b029497af1",
    title: "Azure Storage",
    instead:
      "Azure Storage has no app roles. Assign the app's service principal an Azure role such as Storage Blob Data Reader.",
  },
  {
    name: "AzureSqlDatabase",
    clientId: "022907d3-0f1b-48f7-badc-1ba6abab6d66",
    title: "Azure SQL Database",
    instead:
      "Azure SQL has no app roles. Make the app a user of the database: CREATE USER … FROM EXTERNAL PROVIDER.",
  },
  {
    name: "AzureDevOps",
    clientId: "499b84ac-1321-427f-aa17-267ca6975798",
    title: "Azure DevOps",
    instead:
      "Azure DevOps has no app roles. Add the app's service principal to the organization as a member: https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity",
  },
  {
    name: "FlowService",
    clientId: "7df0a125-d3be-4c96-aa54-591f83ff541c",
    title: "Power Automate",
    instead:
      "The Power Automate service has delegated permissions only; an app that acts as itself has none.",
  },
  {
    name: "AzureActiveDirectoryGraph",
    clientId: "00000002-0000-0000-c000-000000000000",
    title: "Azure AD Graph",
    instead: "Azure AD Graph is retired. Ask Microsoft Graph, under `permissions`.",
  },
];

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** An API as settings name it. */
export type WrittenApi =
  | {
      readonly kind: "clientId";
      readonly clientId: string;
      readonly known?: KnownApi;
      readonly audience?: string;
    }
  /** An application ID URI, which the tenant has to know. */
  | { readonly kind: "uri"; readonly uri: string }
  /** Neither of these, nor a well-known name. */
  | { readonly kind: "unknown" };

/** The well-known API that has a client ID; undefined for any other. */
export function knownApiOf(clientId: string): KnownApi | undefined {
  return knownApis.find((api) => isSame(api.clientId, clientId));
}

/** Reads an API's client ID, application ID URI or well-known name. */
export function readWrittenApi(text: string): WrittenApi {
  const byName = knownApis.find(({ name, title }) => [name, title].some((one) => isSame(one, text)));
  if (byName !== undefined) return { kind: "clientId", clientId: byName.clientId, known: byName };
  if (guid.test(text)) {
    const known = knownApiOf(text);
    return { kind: "clientId", clientId: text.toLowerCase(), ...(known === undefined ? {} : { known }) };
  }
  if (!/^(?:https|api):\/\/[^\s/?#"'\\]+(?:\/[^\s?#"'\\]*)?$/.test(text)) return { kind: "unknown" };
  const known = knownApis.find((api) => Object.values(clouds).some((cloud) => isAddressOf(cloud, api, text)));
  return known === undefined
    ? { kind: "uri", uri: text }
    : { kind: "clientId", clientId: known.clientId, known, audience: text };
}

/** Of some APIs each organization has an address of its own: what follows the organization's name. */
const ownAddresses: Readonly<Record<string, (cloud: Cloud) => { labels: RegExp; domain: string }>> = {
  Office365SharePointOnline: ({ sharePointSuffix }) => ({ labels: /^[\w-]+$/, domain: sharePointSuffix }),
  DynamicsCrm: ({ dataverseDomain }) => ({ labels: /^[\w-]+(?:\.api)?\.crm\d*$/, domain: dataverseDomain }),
};

/** Where an API is in a cloud. */
function placeOf(cloud: Cloud, { name }: KnownApi): ApiPlace {
  const { graph, resourceManager, vaultSuffix, storageSuffix } = cloud;
  const places: Readonly<Record<string, ApiPlace>> = {
    [graphApiName]: { audience: graph, hosts: [new URL(graph).hostname] },
    AzureResourceManager: { audience: resourceManager, hosts: [new URL(resourceManager).hostname] },
    AzureKeyVault: { audience: `https://${vaultSuffix}`, hosts: [`*.${vaultSuffix}`] },
    AzureStorage: { audience: storageAudience, hosts: [`*.${storageSuffix}`] },
    ...cloud.apis,
  };
  return places[name] ?? {};
}

/**
 * What tokens for an API are asked for in a cloud; undefined where the tenant tells.
 *
 * @param address As settings write it; it counts only where the API has it in this cloud.
 */
export function audienceIn(cloud: Cloud, api: KnownApi, address?: string): string | undefined {
  return address !== undefined && isAddressOf(cloud, api, address) ? address : placeOf(cloud, api).audience;
}

/** Whether an address is one that the API has in the cloud. */
export function isAddressOf(cloud: Cloud, api: KnownApi, uri: string): boolean {
  const bare = uri.toLowerCase().replace(/\/$/, "");
  const scheme = "https://";
  return (
    placeOf(cloud, api).audience?.toLowerCase().replace(/\/$/, "") === bare ||
    (bare.startsWith(scheme) && isOwnHost(cloud, api, bare.slice(scheme.length)))
  );
}

/** Whether a host is an organization's own address of an API. */
function isOwnHost(cloud: Cloud, { name }: KnownApi, host: string): boolean {
  const own = ownAddresses[name]?.(cloud);
  const end = `.${own?.domain ?? ""}`;
  return own !== undefined && host.endsWith(end) && own.labels.test(host.slice(0, -end.length));
}

/** Whether an API is at a host in the cloud. */
export function isHostOf(cloud: Cloud, api: KnownApi, host: string): boolean {
  const asked = host.toLowerCase();
  const { hosts = [] } = placeOf(cloud, api);
  return (
    hosts.some((one) => (one.startsWith("*.") ? asked.endsWith(one.slice(1)) : asked === one)) ||
    isOwnHost(cloud, api, asked)
  );
}

/** Where requests of an API go in the cloud; undefined where no document says it. */
export function mainHost(cloud: Cloud, api: KnownApi): string | undefined {
  return placeOf(cloud, api).hosts?.find((host) => !host.startsWith("*."));
}

/** Where an API is, for people; undefined where no address of it is known. */
export function hostsText(cloud: Cloud, api: KnownApi): string | undefined {
  if (ownAddresses[api.name] !== undefined) return "your organization's own address";
  return placeOf(cloud, api).hosts?.join(" or ");
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** The API whose app role this surely is; undefined for names that several APIs have. */
export function apiOfRole(role: string): KnownApi | undefined {
  return knownApis.find(({ ownRoles = [] }) => ownRoles.some((one) => isSame(one, role)));
}
