/** The services behind Azure's host names. `githubActions` issues the assertions of federated workflows. */
export type Service =
  | "entra"
  | "graph"
  | "arm"
  | "keyVault"
  | "githubActions"
  | "powerApps"
  | "sharePoint"
  | "managementActivity";

const serviceByHost: Readonly<Record<string, Service>> = {
  "login.microsoftonline.com": "entra",
  "login.microsoft.com": "entra",
  "login.windows.net": "entra",
  "sts.windows.net": "entra",
  "graph.microsoft.com": "graph",
  "management.azure.com": "arm",
  "api.powerapps.com": "powerApps",
  "token.actions.githubusercontent.com": "githubActions",
  "manage.office.com": "managementActivity",
};

const serviceBySuffix: Readonly<Record<string, Service>> = {
  ".vault.azure.net": "keyVault",
  ".sharepoint.com": "sharePoint",
};

/** Host names for the server's certificate; one wildcard covers every vault, and one every organization's SharePoint. */
export const certificateHosts: readonly string[] = [
  ...Object.keys(serviceByHost),
  ...Object.keys(serviceBySuffix).map((suffix) => `*${suffix}`),
];

/** Which service answers for a host name; `undefined` when the emulator does not emulate it. */
export function serviceFor(host: string): Service | undefined {
  const name = host.toLowerCase();
  const [, suffix = ""] = /^[a-z0-9-]+(\..+)$/.exec(name) ?? [];
  if (Object.hasOwn(serviceBySuffix, suffix)) return serviceBySuffix[suffix];
  return Object.hasOwn(serviceByHost, name) ? serviceByHost[name] : undefined;
}
