import { azure } from "../../emulator/server/azure";
import { Browser } from "../../emulator/entra/browser";
import type { TestDirectory } from "./directory";
import { graphClientId, graphObjectId } from "../../emulator/tenant/seed";

/** Where the app of these tests has its sign-ins answered. */
export const redirectUri = "https://token.botframework.com/.auth/web/redirect";

/** The people of a seeded tenant. */
export const people = {
  adele: "AdeleV@contoso.onmicrosoft.com",
  alex: "AlexW@contoso.onmicrosoft.com",
  megan: "MeganB@contoso.onmicrosoft.com",
} as const;

/** An app registration with a client secret, which signs users in. */
export interface DelegatedApp {
  readonly applicationObjectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly servicePrincipalObjectId: string;
}

/** Registers an app that declares delegated permissions; consent is not given yet. */
export async function registerDelegatedApp(
  directory: TestDirectory,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<DelegatedApp> {
  const { applicationObjectId, clientId, servicePrincipalObjectId } =
    await directory.register("Agent sign-in");
  await directory.graph("PATCH", `applications/${applicationObjectId}`, {
    body: { web: { redirectUris: [redirectUri] }, ...properties },
  });
  const password = await directory.graph("POST", `applications/${applicationObjectId}/addPassword`, {
    body: { passwordCredential: { displayName: "test" } },
  });
  return { applicationObjectId, clientId, servicePrincipalObjectId, clientSecret: password.body.secretText };
}

/** Consents to delegated permissions of Microsoft Graph for everyone. */
export async function consentForAll(
  directory: TestDirectory,
  { servicePrincipalObjectId }: DelegatedApp,
  scope: string,
): Promise<void> {
  const { status } = await directory.graph("POST", "oauth2PermissionGrants", {
    roles: ["DelegatedPermissionGrant.ReadWrite.All"],
    body: {
      clientId: servicePrincipalObjectId,
      consentType: "AllPrincipals",
      principalId: null,
      resourceId: graphObjectId,
      scope,
    },
  });
  if (status !== 201) throw new Error(`No consent: ${status}`);
}

/** `requiredResourceAccess` for scopes of Microsoft Graph. */
export function graphScopes(directory: TestDirectory, ...names: string[]): Record<string, unknown> {
  const offered =
    directory.tenant.state.directory.servicePrincipals[graphObjectId]?.oauth2PermissionScopes ?? [];
  const resourceAccess = offered.flatMap(({ id, value }) =>
    names.includes(value) ? [{ id, type: "Scope" }] : [],
  );
  return { requiredResourceAccess: [{ resourceAppId: graphClientId, resourceAccess }] };
}

/** A browser that can reach only the tenant. */
export function browserOf({ tenant }: TestDirectory): Browser {
  return new Browser(azure(tenant));
}
