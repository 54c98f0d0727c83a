/**
 * Why Key Vault refuses a vault name, or undefined when it takes it.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault (read 2026-11)
 */
export function vaultNameFault(name: string): string | undefined {
  if (name.length < 3 || name.length > 24)
    return `A vault name has 3 to 24 characters; this one has ${name.length}.`;
  if (!/^[0-9A-Za-z-]*$/.test(name)) return "A vault name has letters, digits and hyphens only.";
  if (!/^[A-Za-z]/.test(name)) return "A vault name begins with a letter.";
  if (name.endsWith("-")) return "A vault name ends with a letter or digit.";
  if (name.includes("--")) return "A vault name has no two hyphens in a row.";
  return undefined;
}

/** Characters of randomness that make a generated name unique in all of Azure. */
export const vaultSuffixLength = 8;

/**
 * The part of a generated vault name before the random suffix: from the stack's name, always valid.
 *
 * @example vaultNamePrefix("dev") // "copilot-dev-"
 */
export function vaultNamePrefix(stack: string): string {
  const longest = 24 - vaultSuffixLength - "copilot--".length;
  const readable = stack
    .replace(/[^0-9A-Za-z]+/g, "-")
    .slice(0, longest)
    .replace(/^-+|-+$/g, "")
    .toLowerCase();
  return readable === "" ? "copilot-" : `copilot-${readable}-`;
}

/**
 * The name of an app's secret in the vault. Key Vault takes letters, digits and hyphens and ignores case, so
 * two apps can meet in one name: compare {@link vaultSecretKey}.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers (read 2026-11)
 */
export function vaultSecretName(app: string): string {
  return app.replace(/[^0-9A-Za-z-]/g, "-");
}

/** The name of an app's certificate in the vault, and of its key; what may be exported of it is a secret of this name too. */
export function certificateName(app: string): string {
  return `${vaultSecretName(app)}-certificate`;
}

/** The name of the vault secret that says which version of the key an app's consumers sign with. */
export function signingKeySecretName(app: string): string {
  return `${vaultSecretName(app)}-signing-key`;
}

/** Equal for two apps whose secrets Key Vault could not tell apart. */
export function vaultSecretKey(app: string): string {
  return vaultSecretName(app).toLowerCase();
}
