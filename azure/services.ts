import type { Cloud } from "../core/cloud/clouds";
import { OperatorError } from "../core/errors";
import { vaultNameFault } from "../core/vault/vaultName";

/** A service that gets requests, and the only hosts of each cloud that a credential for it may go to. */
export interface Service {
  /** As messages call it. */
  readonly name: string;
  /** For people: which hosts these are. */
  hosts(cloud: Cloud): string;
  /** What its tokens are for, without a slash at its end; empty for Entra. */
  audience(cloud: Cloud): string;
  owns(host: string, cloud: Cloud): boolean;
}

/** Microsoft Graph. */
export const microsoftGraph = serviceOf("Microsoft Graph", ({ graph }) => graph);

/** Azure Resource Manager. */
export const resourceManager = serviceOf("Azure Resource Manager", (cloud) => cloud.resourceManager);

/** The data plane of every vault; which vault is asked is part of each request. */
export const keyVault: Service = {
  name: "Key Vault",
  hosts: ({ vaultSuffix }) => `NAME.${vaultSuffix}`,
  audience: ({ vaultSuffix }) => `https://${vaultSuffix}`,
  owns: (host, { vaultSuffix }) => {
    const end = `.${vaultSuffix}`;
    return host.endsWith(end) && vaultNameFault(host.slice(0, -end.length)) === undefined;
  },
};

/** The Power Apps API, which tells of custom connectors. */
export const powerApps: Service = {
  ...serviceOf("Power Apps", (cloud) => cloud.powerApps.address),
  audience: (cloud) => cloud.powerApps.audience,
};

/** Where client secrets and assertions are exchanged for tokens. */
export const entra: Service = {
  ...serviceOf("the token endpoint", ({ authority }) => authority),
  audience: () => "",
};

/** A service with one address in each cloud, which its tokens are for. */
function serviceOf(name: string, address: (cloud: Cloud) => string): Service {
  const hosts = (cloud: Cloud): string => new URL(address(cloud)).hostname;
  return { name, hosts, audience: address, owns: (host, cloud) => host === hosts(cloud) };
}

/** A host outside of every cloud: one of an environment variable that the operator set, such as GitHub's issuer of assertions. */
export function serviceAt(name: string, host: string): Service {
  return { name, hosts: () => host, audience: () => `https://${host}`, owns: (other) => other === host };
}

/**
 * Address of a vault's data plane.
 *
 * @throws {OperatorError} `VAULT_HOST_FOREIGN` for a name that no vault can have.
 */
export function vaultOrigin({ vaultSuffix }: Cloud, vaultName: string): string {
  const fault = vaultNameFault(vaultName);
  if (fault === undefined) return `https://${vaultName.toLowerCase()}.${vaultSuffix}`;
  throw new OperatorError(
    "VAULT_HOST_FOREIGN",
    `${JSON.stringify(vaultName.slice(0, 60))} is no name of a vault; nothing is sent there. ${fault}`,
  );
}

/**
 * Resolves an address and checks that it belongs to the service in the cloud.
 *
 * @param link Absolute, or relative to `from`, as links in answers may be.
 * @throws {OperatorError} `HOST_FOREIGN` when it leads anywhere else; nothing has been sent then.
 */
export function addressOf(cloud: Cloud, service: Service, link: string | URL, from?: URL): URL {
  const text = String(link);
  const url = URL.canParse(text, from?.href) ? new URL(text, from?.href) : undefined;
  if (
    url?.protocol === "https:" &&
    url.port === "" &&
    url.username === "" &&
    url.password === "" &&
    service.owns(url.hostname, cloud)
  ) {
    return url;
  }
  const where = url === undefined ? "no address" : `${url.protocol}//${url.host}`.slice(0, 120);
  const what = from === undefined ? "The address" : `A link in an answer of ${service.name}`;
  throw new OperatorError(
    "HOST_FOREIGN",
    `${what} leads to ${where}, and ${service.name} is only at https://${service.hosts(cloud)}. Nothing was sent there. ` +
      "Something between this machine and Azure changes answers, or an input was changed.",
  );
}
