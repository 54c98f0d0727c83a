import { json } from "../server/http";

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
export function secretNotFound(name: string): KeyVaultError {
  return new KeyVaultError(
    404,
    "SecretNotFound",
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be ` +
      "able to recover it using the correct recovery command. For help resolving this issue, please see " +
      "https://go.microsoft.com/fwlink/?linkid=2125182",
  );
}

/** What Key Vault says of a name whose secret is soft-deleted. */
export function nameOfDeleted(name: string): string {
  return (
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, ` +
    "the secret can only be recovered or purged."
  );
}

/** 409 for such a name. */
export function deletedButRecoverable(name: string): KeyVaultError {
  return new KeyVaultError(409, "Conflict", nameOfDeleted(name), "ObjectIsDeletedButRecoverable");
}

/** 400 for something malformed. */
export function badParameter(message: string): KeyVaultError {
  return new KeyVaultError(400, "BadParameter", message);
}
