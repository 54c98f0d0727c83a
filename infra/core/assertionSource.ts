/** Where a federated assertion comes from. */
export type AssertionSource =
  | { readonly kind: "value"; readonly variable: string; readonly assertion: string }
  | { readonly kind: "file"; readonly variable: string; readonly path: string }
  | {
      readonly kind: "request";
      readonly variable: string;
      /** With the audience that Entra wants. */
      readonly url: string;
      readonly bearer: string;
    };

const defaultAudience = "api://AzureADTokenExchange";

/**
 * Finds the federated assertion that the environment offers, in the order in which Pulumi's providers look; reads and
 * fetches nothing.
 *
 * @see https://www.pulumi.com/registry/packages/azure-native/installation-configuration/ (read 2026-11)
 */
export function assertionSource(
  environment: Readonly<Record<string, string | undefined>>,
): AssertionSource | undefined {
  const assertion = environment["ARM_OIDC_TOKEN"];
  if (assertion !== undefined && assertion !== "") {
    return { kind: "value", variable: "ARM_OIDC_TOKEN", assertion };
  }
  const path = environment["ARM_OIDC_TOKEN_FILE_PATH"];
  if (path !== undefined && path !== "") {
    return { kind: "file", variable: "ARM_OIDC_TOKEN_FILE_PATH", path };
  }
  for (const prefix of ["ARM_OIDC_REQUEST", "ACTIONS_ID_TOKEN_REQUEST"]) {
    const address = environment[`${prefix}_URL`];
    const bearer = environment[`${prefix}_TOKEN`];
    if (address !== undefined && address !== "" && bearer !== undefined && bearer !== "") {
      const url = new URL(address);
      url.searchParams.set("audience", environment["ARM_OIDC_AUDIENCE"] ?? defaultAudience);
      return { kind: "request", variable: `${prefix}_URL`, url: url.href, bearer };
    }
  }
  return undefined;
}

/** Whether the environment asks for a sign-in by federation, as Pulumi's providers read it. */
export function usesFederation(environment: Readonly<Record<string, string | undefined>>): boolean {
  return /^(?:1|true)$/i.test(environment["ARM_USE_OIDC"] ?? "");
}
