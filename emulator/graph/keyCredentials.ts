import { X509Certificate } from "node:crypto";
import { isGuid, isRecord, newGuid, textOf } from "../server/http";
import { windowsName } from "../windowsName";
import { refused } from "./graphError";
import { invalidValue } from "./properties";
import type { Entity } from "./listing";
import type { Tenant } from "../tenant/tenant";
import { enforceAppManagementPolicy } from "./secretPolicy";

type Values = Readonly<Record<string, unknown>>;

/**
 * Judges the certificates that a client wants an application or a service principal to have, and completes them by
 * what each says of itself. One that is there already may be sent without its key, by its ID.
 *
 * @param before Those that are there.
 * @throws {GraphError} 400 for one that is no certificate, or has no key.
 * @see https://learn.microsoft.com/graph/api/resources/keycredential (read 2026-11)
 */
export function readKeyCredentials(resource: string, given: unknown, before: unknown): Values[] {
  const known = (Array.isArray(before) ? before : []).filter(isRecord);
  return (Array.isArray(given) ? given : []).map((credential: unknown) => {
    if (!isRecord(credential)) throw invalidValue(resource, "keyCredentials");
    const same = known.find(({ keyId }) => keyId !== undefined && keyId === credential["keyId"]);
    const key = credential["key"] ?? same?.["key"];
    if (typeof key !== "string") {
      throw refused("KeyCredentialsInvalidKeyValue", "Key credential has no key value.", "keyCredentials");
    }
    const whole = completed(resource, credential, key);
    if (same === undefined && whole.type === "AsymmetricX509Cert") checkEnd(whole);
    return { ...same, ...whole };
  });
}

function completed(resource: string, credential: Values, key: string): Values {
  const { keyId, type = "AsymmetricX509Cert", usage = "Verify" } = credential;
  if (keyId !== undefined && keyId !== null && !isGuid(textOf(keyId))) {
    throw invalidValue(resource, "keyCredentials");
  }
  const certificate = type === "AsymmetricX509Cert" ? readCertificate(key) : undefined;
  return {
    customKeyIdentifier: credential["customKeyIdentifier"] ?? certificate?.thumbprint ?? null,
    displayName: credential["displayName"] ?? certificate?.subject ?? null,
    endDateTime: credential["endDateTime"] ?? certificate?.endDateTime,
    key,
    keyId: keyId ?? newGuid(),
    startDateTime: credential["startDateTime"] ?? certificate?.startDateTime,
    type,
    usage,
  };
}

/** A certificate signs in for as long as it is in date itself, and not longer. */
function checkEnd({ key, endDateTime }: Values): void {
  const { endDateTime: ownEnd } = readCertificate(textOf(key));
  if (new Date(textOf(endDateTime)) > new Date(ownEnd)) {
    throw refused("KeyCredentialsInvalidEndDate", "Key credential end date is invalid.", "keyCredentials");
  }
}

/**
 * Judges the certificates that were not there before by the policy that applies.
 *
 * @throws {GraphError} 400, as for client secrets.
 */
export function enforceOnNewKeys(
  kind: Parameters<typeof enforceAppManagementPolicy>[0],
  holder: Parameters<typeof enforceAppManagementPolicy>[1],
  { before, now }: { readonly before: unknown; readonly now: unknown },
  tenant: Tenant,
): void {
  const listed = (keys: unknown): Values[] => (Array.isArray(keys) ? keys.filter(isRecord) : []);
  const known = new Set(listed(before).map(({ keyId }) => keyId));
  for (const { keyId, type, startDateTime, endDateTime } of listed(now)) {
    if (known.has(keyId) || type !== "AsymmetricX509Cert") continue;
    const [startsAt, endsAt] = [new Date(textOf(startDateTime)), new Date(textOf(endDateTime))];
    enforceAppManagementPolicy(kind, holder, { list: "keyCredentials", startsAt, endsAt }, tenant);
  }
}

/** Certificates with themselves, which Graph shows to who selects them by name; a key that signs stays in the directory. */
export function keysWithValues(keys: unknown): Entity[] {
  const known = Array.isArray(keys) ? keys.filter(isRecord) : [];
  return known.map((one) => (one["usage"] === "Sign" ? keyEntity(one) : { ...one }));
}

/** A key as Graph answers it: without itself. */
export function keyEntity(credential: Values): Entity {
  return { ...credential, key: null };
}

/** @param key A certificate, DER or PEM, in base64. */
function readCertificate(key: string): {
  thumbprint: string;
  subject: string;
  startDateTime: string;
  endDateTime: string;
} {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(key, "base64"));
  } catch {
    throw refused("KeyCredentialsInvalidKeyValue", "Key value is not a valid certificate.", "keyCredentials");
  }
  const { fingerprint, subject, validFrom, validTo } = certificate;
  const seconds = (date: string): string => `${new Date(date).toISOString().slice(0, 19)}Z`;
  return {
    thumbprint: fingerprint.replaceAll(":", ""),
    subject: windowsName(subject),
    startDateTime: seconds(validFrom),
    endDateTime: seconds(validTo),
  };
}
