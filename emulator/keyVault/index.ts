import { forgetPurgedVaults } from "../arm/types/deletedVaults";
import { findVault } from "../arm/types/vault";
import { newGuid, notEmulated } from "../server/http";
import type { Tenant } from "../tenant/tenant";
import { passFirewall, signIn } from "./access";
import { getDeleted, listDeleted, purgeDeleted, recoverDeleted } from "./deletedSecrets";
import { badParameter, KeyVaultError } from "./keyVaultError";
import {
  backupSecret,
  getSecret,
  listSecrets,
  listVersions,
  removeSecret,
  restoreSecret,
  setSecret,
  updateSecret,
} from "./secrets";
import { forgetPurgedSecrets } from "./secretStore";
import type { VaultRequest } from "./vaultRequest";

/**
 * The data plane of every vault: `https://{vault}.vault.azure.net/secrets…` and `/deletedsecrets…`.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets (read 2026-11)
 */
export async function handleKeyVault(request: Request, tenant: Tenant): Promise<Response> {
  const url = new URL(request.url);
  const vaultName = url.hostname.split(".")[0] ?? "";
  forgetPurgedVaults(tenant);
  const vault = findVault(tenant, vaultName);
  const data = tenant.state.vaults[vaultName.toLowerCase()];
  let response: Response;
  try {
    if (vault === undefined || data === undefined) throw noSuchVault(vaultName);
    const caller = signIn(request, tenant);
    checkApiVersion(url);
    passFirewall(tenant, vault, caller);
    forgetPurgedSecrets(data, tenant.clock.now());
    const answer = await route({ tenant, vault, data, caller, request, url });
    response = answer ?? notEmulated(request);
  } catch (error) {
    if (!(error instanceof KeyVaultError)) throw error;
    response = error.toResponse();
  }
  response.headers.set("Pragma", "no-cache");
  response.headers.set("Expires", "-1");
  response.headers.set("x-ms-keyvault-region", vault?.location ?? "");
  response.headers.set("x-ms-keyvault-service-version", "1.9.2500.1");
  const address = tenant.faults.callerAddress ?? "127.0.0.1";
  response.headers.set(
    "x-ms-keyvault-network-info",
    `conn_type=Ipv4;addr=${address};act_addr_fam=InterNetwork;`,
  );
  response.headers.set("x-ms-request-id", newGuid());
  response.headers.set("Strict-Transport-Security", "max-age=31536000;includeSubDomains");
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

function route(vaultRequest: VaultRequest): Response | Promise<Response> | undefined {
  const { request, url } = vaultRequest;
  // A read of the current version ends with a slash, where the version would be.
  const [, collection, name = "", part = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  if (rest.some((segment) => segment !== "")) return undefined;
  const operation = `${request.method} ${collection?.toLowerCase() ?? ""}`;
  const verb = part.toLowerCase();
  switch (operation) {
    case "GET secrets":
      if (name === "") return listSecrets(vaultRequest);
      return verb === "versions" ? listVersions(vaultRequest, name) : getSecret(vaultRequest, name, part);
    case "PUT secrets":
      return name !== "" && verb === "" ? setSecret(vaultRequest, name) : undefined;
    case "PATCH secrets":
      return updateSecret(vaultRequest, name, part);
    case "DELETE secrets":
      return verb === "" ? removeSecret(vaultRequest, name) : undefined;
    case "POST secrets":
      if (verb === "backup") return backupSecret(vaultRequest, name);
      return name.toLowerCase() === "restore" && verb === "" ? restoreSecret(vaultRequest) : undefined;
    case "GET deletedsecrets":
      return name === "" ? listDeleted(vaultRequest) : getDeleted(vaultRequest, name);
    case "POST deletedsecrets":
      return verb === "recover" ? recoverDeleted(vaultRequest, name) : undefined;
    case "DELETE deletedsecrets":
      return purgeDeleted(vaultRequest, name);
    default:
      return undefined;
  }
}

function checkApiVersion(url: URL): void {
  const apiVersion = url.searchParams.get("api-version");
  if (apiVersion === null) throw badParameter("api-version must be specified");
  if (!/^(7\.\d+|20\d\d-\d\d-\d\d)(-[\w.]+)?$/.test(apiVersion)) {
    throw badParameter(
      `The specified version (${apiVersion}) is not recognized. Consider using the latest supported version.`,
    );
  }
}

/** For Azure such a host does not exist: a client there ends with a DNS failure, which nothing here can play. */
function noSuchVault(vaultName: string): KeyVaultError {
  return new KeyVaultError(
    404,
    "VaultNotFound",
    `There is no vault ${vaultName} in the emulated tenant; in Azure, ${vaultName}.vault.azure.net would not resolve.`,
  );
}
