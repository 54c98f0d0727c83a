import { createPrivateKey, generateKeyPair, type JsonWebKey, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { isRecord, json, notEmulated, textOf } from "../server/http";
import type { VaultKeyVersion } from "../tenant/tenant";
import type { Need } from "./access";
import { vaultUrl } from "./bundle";
import { badParameter, disabled, KeyVaultError } from "./keyVaultError";
import { checkNewVersion, requireObject, requireVersion } from "./objects";
import { keyKind } from "./objectKinds";
import { digestBytes, signDigest, verifyDigest } from "./rsaSignature";
import { changeVersion, newVersion, pushVersion, unixSeconds } from "./vaultObjects";
import { demandRight, readBody, readChanges, type VaultRequest } from "./vaultRequest";

const read: Need = { dataAction: "keys/read", policy: "get" };
const create: Need = { dataAction: "keys/create/action", policy: "create" };
const importing: Need = { dataAction: "keys/import/action", policy: "import" };
const update: Need = { dataAction: "keys/update/action", policy: "update" };

/** What a key may be used for, where its maker does not say. */
export const rsaOperations = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"];

/** Lengths of RSA keys that a vault makes, in bits. */
export const rsaSizes: readonly number[] = [2048, 3072, 4096];

/** Makes an RSA key, on another thread. */
export async function generateRsaKey(modulusLength: number): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength });
  return privateKey;
}

/** `POST /keys/{n}/create`: RSA keys in software; keys of other kinds are not emulated. */
export async function createKey(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, create, name);
  const body = await readBody(request);
  const { kty, key_size: size = 2048, key_ops: operations = rsaOperations } = body;
  if (kty !== "RSA") return notRsa(request, kty);
  if (!rsaSizes.includes(Number(size))) {
    throw badParameter(`Invalid key size: ${String(size)}. Supported sizes are ${rsaSizes.join(", ")}.`);
  }
  checkNewVersion(keyKind, request, name, "create");
  return keep(request, name, body, await generateRsaKey(Number(size)), operations);
}

/** `PUT /keys/{n}`: a key that the caller has, as a JSON Web Key. */
export async function importKey(request: VaultRequest, name: string): Promise<Response> {
  demandRight(request, importing, name);
  const body = await readBody(request);
  const jwk = isRecord(body["key"]) ? body["key"] : {};
  if (jwk["kty"] !== "RSA") return notRsa(request, jwk["kty"]);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    throw badParameter("Property 'key' is not a valid RSA private key.");
  }
  checkNewVersion(keyKind, request, name, "import");
  return keep(request, name, body, privateKey, jwk["key_ops"] ?? rsaOperations);
}

function keep(
  request: VaultRequest,
  name: string,
  body: Readonly<Record<string, unknown>>,
  privateKey: KeyObject,
  operations: unknown,
): Response {
  const { vault, data, tenant } = request;
  const version: VaultKeyVersion = {
    ...newVersion(readChanges(body), tenant.clock.now()),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    keyOperations: [operations].flat().map(String),
    exportable: false,
  };
  pushVersion(keyKind.shelf(data), name, version);
  return json(200, keyKind.describe(vault, requireObject(keyKind, request, name), version));
}

/** `GET /keys/{n}[/{version}]`: the public half, of a disabled key too. */
export function getKey(request: VaultRequest, name: string, versionId: string): Response {
  demandRight(request, read, name);
  const key = requireObject(keyKind, request, name);
  return json(200, keyKind.describe(request.vault, key, requireVersion(keyKind, key, versionId)));
}

/** `PATCH /keys/{n}[/{version}]`. */
export async function updateKey(request: VaultRequest, name: string, versionId: string): Promise<Response> {
  demandRight(request, update, name);
  const body = await readBody(request);
  const key = requireObject(keyKind, request, name);
  const version = requireVersion(keyKind, key, versionId);
  const { key_ops: operations } = body;
  changeVersion(version, readChanges(body), request.tenant.clock.now());
  if (Array.isArray(operations)) version.keyOperations = operations.map(String);
  return json(200, keyKind.describe(request.vault, key, version));
}

/**
 * `POST /keys/{n}/{version}/sign` and `/verify`: a signature over a digest.
 *
 * @see https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign (read 2026-11)
 */
export async function useKey(
  request: VaultRequest,
  name: string,
  versionId: string,
  operation: "sign" | "verify",
): Promise<Response> {
  demandRight(request, { dataAction: `keys/${operation}/action`, policy: operation }, name);
  const body = await readBody(request);
  const key = requireObject(keyKind, request, name);
  const version = requireVersion(keyKind, key, versionId);
  checkUse(version, operation, unixSeconds(request.tenant.clock.now()));
  const algorithm = textOf(body["alg"]);
  const digest = Buffer.from(textOf(body[operation === "sign" ? "value" : "digest"]), "base64url");
  const bytes = digestBytes(algorithm);
  if (bytes === undefined) throw badParameter(`Algorithm ${algorithm} is not valid for a key of type RSA.`);
  if (digest.length !== bytes) {
    throw badParameter(
      `Invalid length of 'value': ${digest.length} bytes. ${algorithm} requires ${bytes} bytes, encoded with base64url.`,
    );
  }
  const privateKey = createPrivateKey(version.privateKey);
  if (operation === "verify") {
    const signature = Buffer.from(textOf(body["value"]), "base64url");
    return json(200, { value: verifyDigest(algorithm, privateKey, digest, signature) });
  }
  const kid = `${vaultUrl(request.vault)}/keys/${key.name}/${version.version}`;
  return json(200, { kid, value: signDigest(algorithm, privateKey, digest).toString("base64url") });
}

/**
 * A key outside its time verifies and does not sign.
 *
 * @see https://learn.microsoft.com/azure/key-vault/keys/about-keys-details#key-attributes (read 2026-11); the texts of
 *   the refusals are inferred
 */
function checkUse(version: VaultKeyVersion, operation: "sign" | "verify", nowSeconds: number): void {
  if (!version.enabled) throw disabled("key", operation);
  const { nbf = 0, exp = Infinity, keyOperations } = version;
  if (!keyOperations.includes(operation))
    throw forbidden(`Operation ${operation} is not permitted on this key.`);
  if (operation === "verify") return;
  if (nowSeconds < nbf)
    throw forbidden(`Operation ${operation} is not allowed on a key that is not yet valid.`);
  if (nowSeconds >= exp) throw forbidden(`Operation ${operation} is not allowed on an expired key.`);
}

function forbidden(message: string): KeyVaultError {
  return new KeyVaultError(403, "Forbidden", message, "KeyOperationForbidden");
}

function notRsa(request: VaultRequest, kty: unknown): Response {
  return notEmulated(request.request, `Keys of type ${String(kty)} are not emulated, only RSA.`);
}
