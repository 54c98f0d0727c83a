import { EmulatorError } from "../../errors";
import type { Properties } from "../properties";

/** Where a federated assertion comes from, in the order that Pulumi's providers look. */
export type AssertionSource =
  | { readonly kind: "value"; readonly variable: string; readonly assertion: string }
  | { readonly kind: "file"; readonly variable: string; readonly path: string }
  | { readonly kind: "request"; readonly variable: string; readonly url: string; readonly bearer: string };

/** The identity that a provider signs in as, and its credential. */
export interface ProviderSignIn {
  readonly tenantId: string;
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly credential: { readonly clientSecret: string } | { readonly assertion: AssertionSource };
}

/** What a provider's configuration can say, with the variable that counts where it does not. */
const variableOf: Readonly<Record<string, string>> = {
  environment: "ARM_ENVIRONMENT",
  clientId: "ARM_CLIENT_ID",
  clientSecret: "ARM_CLIENT_SECRET",
  tenantId: "ARM_TENANT_ID",
  subscriptionId: "ARM_SUBSCRIPTION_ID",
  useOidc: "ARM_USE_OIDC",
  oidcToken: "ARM_OIDC_TOKEN",
  oidcTokenFilePath: "ARM_OIDC_TOKEN_FILE_PATH",
  oidcRequestUrl: "ARM_OIDC_REQUEST_URL",
  oidcRequestToken: "ARM_OIDC_REQUEST_TOKEN",
};

/** Names of the settings by which a provider can be told who it is. */
export const signInSettings: readonly string[] = Object.keys(variableOf);

/**
 * A provider's configuration in the form of the variables that it overrides: a provider takes each setting from its
 * configuration and else from the environment, one by one.
 *
 * @param config The configuration, secret marks taken away; booleans may be text, as on Pulumi's wire.
 */
export function configuredEnvironment(environment: NodeJS.ProcessEnv, config: Properties): NodeJS.ProcessEnv {
  const given = Object.entries(variableOf).flatMap(([setting, variable]) => {
    const value = config[setting];
    const says = typeof value === "boolean" || (typeof value === "string" && value !== "");
    return says ? [[variable, String(value)] as const] : [];
  });
  return { ...environment, ...Object.fromEntries(given) };
}

/**
 * Reads who a provider signs in as: by client secret where there is one, even when OIDC is asked for, then by OIDC.
 *
 * @param environment What {@link configuredEnvironment} gave.
 * @throws {EmulatorError} `EMULATOR_SIGN_IN` when something is missing.
 * @see https://github.com/hashicorp/go-azure-sdk/blob/main/sdk/auth/auth.go for the order (read 2026-11)
 */
export function readProviderSignIn(environment: NodeJS.ProcessEnv): ProviderSignIn {
  const useOidc = /^(?:1|true)$/i.test(environment["ARM_USE_OIDC"] ?? "");
  const assertion = useOidc ? assertionSource(environment) : undefined;
  const clientSecret = environment["ARM_CLIENT_SECRET"] ?? "";
  if (clientSecret === "" && useOidc && assertion === undefined) {
    throw new EmulatorError(
      "EMULATOR_SIGN_IN",
      "A provider is to sign in by OIDC, but there is no assertion: neither ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH " +
        "nor ACTIONS_ID_TOKEN_REQUEST_URL with its token. `npm run tenant -- --as repo:OWNER/NAME:environment:ENV` sets them.",
    );
  }
  const required = (name: string): string => {
    const value = environment[name];
    if (value !== undefined && value !== "") return value;
    throw new EmulatorError(
      "EMULATOR_SIGN_IN",
      `${name} is not set, so the engine cannot sign in to the emulated tenant. ` +
        "`npm run tenant` prints all the variables to export.",
    );
  };
  return {
    tenantId: required("ARM_TENANT_ID"),
    clientId: required("ARM_CLIENT_ID"),
    subscriptionId: required("ARM_SUBSCRIPTION_ID"),
    credential:
      clientSecret === "" && assertion !== undefined
        ? { assertion }
        : { clientSecret: required("ARM_CLIENT_SECRET") },
  };
}

/** @see https://www.pulumi.com/registry/packages/azure-native/installation-configuration/ (read 2026-11) */
function assertionSource(environment: NodeJS.ProcessEnv): AssertionSource | undefined {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const assertion = given("ARM_OIDC_TOKEN");
  if (assertion !== undefined) return { kind: "value", variable: "ARM_OIDC_TOKEN", assertion };
  const path = given("ARM_OIDC_TOKEN_FILE_PATH");
  if (path !== undefined) return { kind: "file", variable: "ARM_OIDC_TOKEN_FILE_PATH", path };
  for (const prefix of ["ARM_OIDC_REQUEST", "ACTIONS_ID_TOKEN_REQUEST"]) {
    const [url, bearer] = [given(`${prefix}_URL`), given(`${prefix}_TOKEN`)];
    if (url !== undefined && bearer !== undefined) {
      return { kind: "request", variable: `${prefix}_URL`, url, bearer };
    }
  }
  return undefined;
}
