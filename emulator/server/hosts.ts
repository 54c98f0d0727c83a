/** The services behind Azure's host names. `githubActions` issues the assertions of federated workflows. */
export type Service = "entra" | "graph" | "arm" | "keyVault" | "githubActions" | "powerApps";

const serviceByHost: Readonly<Record<string, Service>> = {
  "login.microsoftonline.com": "entra",
  "login.microsoft.com": "entra",
  "login.windows.net": "entra",
  "sts.windows.net": "entra",
  "graph.microsoft.com": "graph",
  "management.azure.com": "arm",
  "api.powerapps.com": "powerApps",
  "token.actions.githubusercontent.com": "githubActions",
};

const vaultSuffix = ".vault.azure.net";

/** Host names for the server's certificate; one wildcard covers every vault. */
export const certificateHosts: readonly string[] = [...Object.keys(serviceByHost), `*${vaultSuffix}`];

/** Which service answers for a host name; `undefined` when the emulator does not emulate it. */
export function serviceFor(host: string): Service | undefined {
  const name = host.toLowerCase();
  if (name.endsWith(vaultSuffix) && /^[a-z0-9-]+$/.test(name.slice(0, -vaultSuffix.length)))
    return "keyVault";
  return Object.hasOwn(serviceByHost, name) ? serviceByHost[name] : undefined;
}
