/** Where a federated assertion comes from, in the order that Pulumi's providers look. */
export type AssertionSource =
  | { readonly kind: "value"; readonly variable: string; readonly assertion: string }
  | { readonly kind: "file"; readonly variable: string; readonly path: string }
  | { readonly kind: "request"; readonly variable: string; readonly url: string; readonly bearer: string };

/**
 * Finds the federated assertion that variables offer; reads and fetches nothing.
 *
 * @see https://www.pulumi.com/registry/packages/azure-native/installation-configuration/ (read 2026-11)
 */
export function assertionSource(
  variables: Readonly<Record<string, string | undefined>>,
): AssertionSource | undefined {
  const assertion = variables["ARM_OIDC_TOKEN"];
  if (assertion !== undefined && assertion !== "") {
    return { kind: "value", variable: "ARM_OIDC_TOKEN", assertion };
  }
  const path = variables["ARM_OIDC_TOKEN_FILE_PATH"];
  if (path !== undefined && path !== "") {
    return { kind: "file", variable: "ARM_OIDC_TOKEN_FILE_PATH", path };
  }
  for (const prefix of ["ARM_OIDC_REQUEST", "ACTIONS_ID_TOKEN_REQUEST"]) {
    const url = variables[`${prefix}_URL`];
    const bearer = variables[`${prefix}_TOKEN`];
    if (url !== undefined && url !== "" && bearer !== undefined && bearer !== "") {
      return { kind: "request", variable: `${prefix}_URL`, url, bearer };
    }
  }
  return undefined;
}

/** Address that gives an assertion of a `request` source for an audience. */
export function assertionUrl(url: string, audience: string): string {
  const asked = new URL(url);
  asked.searchParams.set("audience", audience);
  return asked.href;
}
