import { OperatorError } from "../core/errors";
import { vaultNameFault } from "../core/vault/vaultName";

/** A service that gets requests, and the only hosts that a credential for it may go to. */
export interface Service {
  /** As messages call it. */
  readonly name: string;
  /** For people: which hosts these are. */
  readonly hosts: string;
  /** What its tokens are for, without a slash at its end; Entra and issuers of assertions have none. */
  readonly audience?: string;
  owns(host: string): boolean;
}

const vaultSuffix = ".vault.azure.net";

/** Microsoft Graph. */
export const microsoftGraph = serviceAt("Microsoft Graph", "graph.microsoft.com");

/** Azure Resource Manager. */
export const resourceManager = serviceAt("Azure Resource Manager", "management.azure.com");

/** The data plane of every vault; which vault is asked is part of each request. */
export const keyVault: Service = {
  name: "Key Vault",
  hosts: `NAME${vaultSuffix}`,
  audience: "https://vault.azure.net",
  owns: (host) =>
    host.endsWith(vaultSuffix) && vaultNameFault(host.slice(0, -vaultSuffix.length)) === undefined,
};

/** The Power Apps API, which tells of custom connectors. */
export const powerApps: Service = {
  ...serviceAt("Power Apps", "api.powerapps.com"),
  audience: "https://service.powerapps.com",
};

/** Where client secrets and assertions are exchanged for tokens. */
export const entra: Service = {
  name: "the token endpoint",
  hosts: "login.microsoftonline.com",
  owns: (host) => host === "login.microsoftonline.com",
};

/** One host of an environment variable that the operator set, such as GitHub's issuer of assertions. */
export function serviceAt(name: string, host: string): Service {
  return { name, hosts: host, audience: `https://${host}`, owns: (other) => other === host };
}

/**
 * Address of a vault's data plane.
 *
 * @throws {OperatorError} `VAULT_HOST_FOREIGN` for a name that no vault can have.
 */
export function vaultOrigin(vaultName: string): string {
  const fault = vaultNameFault(vaultName);
  if (fault === undefined) return `https://${vaultName.toLowerCase()}${vaultSuffix}`;
  throw new OperatorError(
    "VAULT_HOST_FOREIGN",
    `${JSON.stringify(vaultName.slice(0, 60))} is no name of a vault; nothing is sent there. ${fault}`,
  );
}

/**
 * Resolves an address and checks that it belongs to the service.
 *
 * @param link Absolute, or relative to `from`, as links in answers may be.
 * @throws {OperatorError} `HOST_FOREIGN` when it leads anywhere else; nothing has been sent then.
 */
export function addressOf(service: Service, link: string | URL, from?: URL): URL {
  const text = String(link);
  const url = URL.canParse(text, from?.href) ? new URL(text, from?.href) : undefined;
  if (
    url?.protocol === "https:" &&
    url.port === "" &&
    url.username === "" &&
    url.password === "" &&
    service.owns(url.hostname)
  ) {
    return url;
  }
  const where = url === undefined ? "no address" : `${url.protocol}//${url.host}`.slice(0, 120);
  const what = from === undefined ? "The address" : `A link in an answer of ${service.name}`;
  throw new OperatorError(
    "HOST_FOREIGN",
    `${what} leads to ${where}, and ${service.name} is only at https://${service.hosts}. Nothing was sent there. ` +
      "Something between this machine and Azure changes answers, or an input was changed.",
  );
}
