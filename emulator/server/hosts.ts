import type { Cloud } from "../tenant/clouds";

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

function servicesByHost(cloud: Cloud): ReadonlyMap<string, Service> {
  const hostOf = (address: string): string => new URL(address).hostname;
  return new Map<string, Service>([
    [hostOf(cloud.authority), "entra"],
    ...cloud.authorityAliases.map((host) => [host, "entra"] as const),
    [hostOf(cloud.graph), "graph"],
    [hostOf(cloud.resourceManager), "arm"],
    [hostOf(cloud.powerApps.address), "powerApps"],
    ...(cloud.officeManagement === undefined
      ? []
      : [[hostOf(cloud.officeManagement), "managementActivity"] as const]),
    ["token.actions.githubusercontent.com", "githubActions"],
  ]);
}

function servicesBySuffix({ vaultSuffix, sharePointSuffix }: Cloud): ReadonlyMap<string, Service> {
  return new Map([
    [`.${vaultSuffix}`, "keyVault"],
    [`.${sharePointSuffix}`, "sharePoint"],
  ]);
}

/** Host names for the server's certificate; one wildcard covers every vault, and one every organization's SharePoint. */
export function certificateHosts(cloud: Cloud): string[] {
  return [
    ...servicesByHost(cloud).keys(),
    ...[...servicesBySuffix(cloud).keys()].map((suffix) => `*${suffix}`),
  ];
}

/** Which service of the cloud answers for a host name; `undefined` when the emulator does not emulate it. */
export function serviceFor(host: string, cloud: Cloud): Service | undefined {
  const name = host.toLowerCase();
  const [, suffix = ""] = /^[a-z0-9-]+(\..+)$/.exec(name) ?? [];
  return servicesBySuffix(cloud).get(suffix) ?? servicesByHost(cloud).get(name);
}
