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

/** By the names in the server's certificate: one wildcard covers every vault, and one every organization's SharePoint. */
function servicesOf(cloud: Cloud): ReadonlyMap<string, Service> {
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
    [`*.${cloud.vaultSuffix}`, "keyVault"],
    [`*.${cloud.sharePointSuffix}`, "sharePoint"],
  ]);
}

/** Host names for the server's certificate. */
export function certificateHosts(cloud: Cloud): string[] {
  return [...servicesOf(cloud).keys()];
}

const knownServices = new Map<Cloud, ReadonlyMap<string, Service>>();

/** Which service of the cloud answers for a host name; `undefined` when the emulator does not emulate it. */
export function serviceFor(host: string, cloud: Cloud): Service | undefined {
  const services = knownServices.get(cloud) ?? servicesOf(cloud);
  knownServices.set(cloud, services);
  const name = host.toLowerCase();
  return services.get(name) ?? services.get(name.replace(/^[a-z0-9-]+(?=\.)/, "*"));
}
