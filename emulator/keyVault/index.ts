import { forgetPurgedVaults } from "../arm/types/deletedVaults";
import { findVault } from "../arm/types/vault";
import { newGuid, notEmulated } from "../server/http";
import type { Tenant, VaultObjectVersion } from "../tenant/tenant";
import { passFirewall, signIn } from "./access";
import {
  createCertificate,
  getCertificate,
  getOperation,
  getPolicy,
  importCertificate,
  updateCertificate,
  updatePolicy,
} from "./certificates";
import { getDeleted, listDeleted, purgeDeleted, recoverDeleted } from "./deletedObjects";
import { badParameter, KeyVaultError } from "./keyVaultError";
import { createKey, getKey, importKey, updateKey, useKey } from "./keys";
import { certificateKind, keyKind, secretKind, type ObjectKind } from "./objectKinds";
import { listObjects, listVersions, removeObject } from "./objects";
import { backupSecret, getSecret, restoreSecret, setSecret, updateSecret } from "./secrets";
import { forgetPurgedObjects } from "./vaultObjects";
import type { VaultRequest } from "./vaultRequest";

/**
 * The data plane of every vault: `https://{vault}.{suffix}/secrets…`, `/keys…`, `/certificates…`, and what of
 * them is soft-deleted.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets (read 2026-11)
 * @see https://learn.microsoft.com/rest/api/keyvault/keys (read 2026-11)
 * @see https://learn.microsoft.com/rest/api/keyvault/certificates (read 2026-11)
 */
export async function handleKeyVault(request: Request, tenant: Tenant): Promise<Response> {
  const url = new URL(request.url);
  const vaultName = url.hostname.split(".")[0] ?? "";
  forgetPurgedVaults(tenant);
  const vault = findVault(tenant, vaultName);
  const data = tenant.state.vaults[vaultName.toLowerCase()];
  let response: Response;
  try {
    if (vault === undefined || data === undefined) throw noSuchVault(vaultName, url.hostname);
    const caller = await signIn(request, tenant);
    checkApiVersion(url);
    passFirewall(tenant, vault, caller);
    forgetPurgedObjects(data, tenant.clock.now());
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

/** Collections beside the certificates themselves, which are not emulated. */
const besideCertificates = ["contacts", "issuers"];

type Answer = Response | Promise<Response> | undefined;

function route(vaultRequest: VaultRequest): Answer {
  const { request, url } = vaultRequest;
  // A read of the current version ends with a slash, where the version would be.
  const [, collection = "", name = "", part = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  const [action = "", ...more] = rest;
  if (more.some((segment) => segment !== "")) return undefined;
  const target: Target = { method: request.method, name, part, verb: part.toLowerCase(), action };
  switch (collection.toLowerCase()) {
    case "secrets":
      return shared(secretKind, vaultRequest, target) ?? secrets(vaultRequest, target);
    case "keys":
      return shared(keyKind, vaultRequest, target) ?? keys(vaultRequest, target);
    case "certificates":
      if (besideCertificates.includes(name.toLowerCase())) return undefined;
      return shared(certificateKind, vaultRequest, target) ?? certificates(vaultRequest, target);
    case "deletedsecrets":
      return deleted(secretKind, vaultRequest, target);
    case "deletedkeys":
      return deleted(keyKind, vaultRequest, target);
    case "deletedcertificates":
      return deleted(certificateKind, vaultRequest, target);
    default:
      return undefined;
  }
}

/** What a path asks for: `/{collection}/{name}/{part}/{action}`. */
interface Target {
  readonly method: string;
  readonly name: string;
  /** A version, or a verb. */
  readonly part: string;
  /** The same in lower case. */
  readonly verb: string;
  readonly action: string;
}

function shared<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  { method, name, verb, action }: Target,
): Answer {
  if (action !== "") return undefined;
  if (method === "GET" && name === "") return listObjects(kind, request);
  if (method === "GET" && verb === "versions") return listVersions(kind, request, name);
  return method === "DELETE" && name !== "" && verb === "" ? removeObject(kind, request, name) : undefined;
}

function deleted<Version extends VaultObjectVersion>(
  kind: ObjectKind<Version>,
  request: VaultRequest,
  { method, name, verb, action }: Target,
): Answer {
  switch (`${method} ${verb}${action}`) {
    case "GET ":
      return name === "" ? listDeleted(kind, request) : getDeleted(kind, request, name);
    case "POST recover":
      return recoverDeleted(kind, request, name);
    case "DELETE ":
      return name === "" ? undefined : purgeDeleted(kind, request, name);
    default:
      return undefined;
  }
}

function secrets(request: VaultRequest, { method, name, part, verb, action }: Target): Answer {
  if (action !== "") return undefined;
  switch (method) {
    case "GET":
      return getSecret(request, name, part);
    case "PUT":
      return name !== "" && verb === "" ? setSecret(request, name) : undefined;
    case "PATCH":
      return updateSecret(request, name, part);
    case "POST":
      if (verb === "backup") return backupSecret(request, name);
      return name.toLowerCase() === "restore" && verb === "" ? restoreSecret(request) : undefined;
    default:
      return undefined;
  }
}

function keys(request: VaultRequest, { method, name, part, verb, action }: Target): Answer {
  const use = action.toLowerCase();
  if (method === "POST" && (use === "sign" || use === "verify")) return useKey(request, name, part, use);
  // Without a version, the current one signs.
  if (method === "POST" && (verb === "sign" || verb === "verify")) return useKey(request, name, "", verb);
  if (action !== "" || name === "") return undefined;
  switch (method) {
    case "GET":
      return verb === "rotationpolicy" ? undefined : getKey(request, name, part);
    case "PUT":
      return verb === "" ? importKey(request, name) : undefined;
    case "PATCH":
      return updateKey(request, name, part);
    case "POST":
      return verb === "create" ? createKey(request, name) : undefined;
    default:
      return undefined;
  }
}

function certificates(request: VaultRequest, { method, name, part, verb, action }: Target): Answer {
  if (action !== "" || name === "") return undefined;
  switch (`${method} ${verb}`) {
    case "GET pending":
      return getOperation(request, name);
    case "GET policy":
      return getPolicy(request, name);
    case "PATCH policy":
      return updatePolicy(request, name);
    case "POST create":
      return createCertificate(request, name);
    case "POST import":
      return importCertificate(request, name);
    case "PATCH pending":
      return undefined;
    default:
      if (method === "GET") return getCertificate(request, name, part);
      return method === "PATCH" ? updateCertificate(request, name, part) : undefined;
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
function noSuchVault(vaultName: string, host: string): KeyVaultError {
  return new KeyVaultError(
    404,
    "VaultNotFound",
    `There is no vault ${vaultName} in the emulated tenant; in Azure, ${host} would not resolve.`,
  );
}
