import { json } from "../server/http";
import type { ObjectKind } from "./objectKinds";

/** A refusal in Key Vault's form: the inner code, where there is one, says why. */
export class KeyVaultError extends Error {
  /**
   * @param code Such as `Forbidden`.
   * @param innerCode Such as `ForbiddenByRbac`.
   * @see https://learn.microsoft.com/azure/key-vault/general/rest-error-codes (read 2026-11)
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly innerCode?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "KeyVaultError";
  }

  toResponse(): Response {
    const { code, message, innerCode } = this;
    // Unlike Graph, Key Vault writes `innererror` in lower case.
    const error = { code, message, ...(innerCode === undefined ? {} : { innererror: { code: innerCode } }) };
    return json(this.status, { error }, this.headers);
  }
}

/** 404, with Azure's hint that it may have been deleted. */
export function objectNotFound(noun: Noun, name: string): KeyVaultError {
  return new KeyVaultError(
    404,
    `${capitalized(noun)}NotFound`,
    `A ${noun} with (name/id) ${name} was not found in this key vault. If you recently deleted this ${noun} you may be ` +
      "able to recover it using the correct recovery command. For help resolving this issue, please see " +
      "https://go.microsoft.com/fwlink/?linkid=2125182",
  );
}

/** 404 for a name that no soft-deleted object has. */
export function deletedNotFound(noun: Noun, name: string): KeyVaultError {
  const kind = capitalized(noun);
  return new KeyVaultError(404, `${kind}NotFound`, `Deleted ${kind} not found: ${name}`);
}

/** What Key Vault says of a name whose object is soft-deleted. */
export function nameOfDeleted(noun: Noun, name: string): string {
  return (
    `${capitalized(noun)} ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in ` +
    `this state, the ${noun} can only be recovered or purged.`
  );
}

/** 409 for such a name. */
export function deletedButRecoverable(noun: Noun, name: string): KeyVaultError {
  return new KeyVaultError(409, "Conflict", nameOfDeleted(noun, name), "ObjectIsDeletedButRecoverable");
}

/** 403 for the key or the secret of a certificate, which change only with it. */
export function managedByCertificate(noun: Noun, operation: string): KeyVaultError {
  return new KeyVaultError(
    403,
    "Forbidden",
    `Operation "${operation}" is not allowed on this ${noun}, since it is associated with a certificate.`,
    `${capitalized(noun)}Managed`,
  );
}

/** 403 for a version that is switched off. */
export function disabled(noun: Noun, operation: string): KeyVaultError {
  return new KeyVaultError(
    403,
    "Forbidden",
    `Operation ${operation} is not allowed on a disabled ${noun}.`,
    `${capitalized(noun)}Disabled`,
  );
}

/** 400 for something malformed. */
export function badParameter(message: string): KeyVaultError {
  return new KeyVaultError(400, "BadParameter", message);
}

type Noun = ObjectKind<never>["noun"];

function capitalized(noun: Noun): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}
