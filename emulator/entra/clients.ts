import { isGuid } from "../server/http";
import type { Application, ServicePrincipal, Tenant } from "../tenant/tenant";
import { assertionType, checkClientAssertion } from "./clientAssertion";
import { checkClientSecret, unknownApplication } from "./clientSecret";
import { EntraError } from "./entraError";

/** The client of a user's sign-in. */
export interface Client {
  readonly appId: string;
  readonly displayName: string;
  /** Both absent for a client of Microsoft's that the directory does not list. */
  readonly application?: Application;
  readonly servicePrincipal?: ServicePrincipal;
}

/**
 * Public clients of Microsoft's that every tenant takes, without consent.
 *
 * @see https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in (read 2026-11)
 */
const microsoftClients: Readonly<Record<string, string>> = {
  "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Microsoft Azure CLI",
  "1950a258-227b-4e31-a9cf-717495945fc2": "Microsoft Azure PowerShell",
  "fe053c5f-3692-4f14-aef2-ee34fc081cae": "Azure API Connections",
};

/** What a client presents at the token endpoint to show that it is the one. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly assertion: string | null;
  readonly assertionType: string | null;
}

/** Reads a client's credentials from a basic header or the form. */
export function readCredentials(request: Request, form: URLSearchParams): ClientCredentials {
  const basic = basicCredentials(request);
  const clientId = basic?.clientId ?? required(form, "client_id");
  const clientSecret = basic?.clientSecret ?? form.get("client_secret");
  return {
    clientId,
    clientSecret: clientSecret === "" ? null : clientSecret,
    assertion: form.get("client_assertion"),
    assertionType: form.get("client_assertion_type"),
  };
}

/** Whether a client presents a secret or an assertion at all. */
export function hasCredential({ clientSecret, assertion }: ClientCredentials): boolean {
  return (clientSecret ?? assertion ?? "") !== "";
}

/** @throws {EntraError} AADSTS7000218 for a client that presents neither secret nor assertion. */
export function requireCredential(credentials: ClientCredentials): void {
  if (hasCredential(credentials)) return;
  throw new EntraError(
    401,
    "invalid_client",
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );
}

/** @throws {EntraError} as {@link checkClientSecret} and {@link checkClientAssertion}. */
export async function checkCredential(
  servicePrincipal: ServicePrincipal,
  credentials: ClientCredentials,
  tenant: Tenant,
): Promise<void> {
  if (credentials.clientSecret !== null) {
    const { appId, passwordCredentials = [] } = servicePrincipal;
    // A managed identity has neither, hence no secret that could be right.
    const ofApplication = findApplication(appId, tenant)?.passwordCredentials ?? [];
    const client = { appId, passwordCredentials: [...ofApplication, ...passwordCredentials] };
    checkClientSecret(client, credentials.clientSecret, tenant);
  } else {
    if (credentials.assertionType !== assertionType) throw missingParameter("client_assertion_type");
    await checkClientAssertion(servicePrincipal, credentials.assertion ?? "", tenant);
  }
}

/** @throws {EntraError} AADSTS700016, AADSTS7000229 (no service principal), AADSTS7000112 (disabled). */
export function findServicePrincipal(clientId: string, tenant: Tenant): ServicePrincipal {
  const lower = clientId.toLowerCase();
  const application = isGuid(clientId) ? findApplication(lower, tenant) : undefined;
  const servicePrincipal = Object.values(tenant.state.directory.servicePrincipals).find(
    ({ appId }) => appId === lower,
  );
  if (servicePrincipal === undefined) {
    if (application === undefined) throw unknownApplication(clientId, tenant);
    throw new EntraError(
      401,
      "invalid_client",
      7000229,
      `The client application ${clientId} is missing service principal in the tenant ${tenant.state.tenantId}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
    );
  }
  if (!servicePrincipal.accountEnabled) {
    throw new EntraError(
      400,
      "unauthorized_client",
      7000112,
      `Application '${clientId}'(${servicePrincipal.displayName}) is disabled.`,
    );
  }
  return servicePrincipal;
}

/** The client of a user's sign-in. @throws {EntraError} as {@link findServicePrincipal}. */
export function findClient(clientId: string, tenant: Tenant): Client {
  const appId = clientId.toLowerCase();
  const displayName = microsoftClients[appId];
  if (displayName !== undefined) return { appId, displayName };
  const servicePrincipal = findServicePrincipal(clientId, tenant);
  const application = findApplication(appId, tenant);
  return {
    appId,
    displayName: servicePrincipal.displayName,
    servicePrincipal,
    ...(application === undefined ? {} : { application }),
  };
}

/** The application of a client ID in small letters. */
export function findApplication(clientId: string, tenant: Tenant): Application | undefined {
  return Object.values(tenant.state.directory.applications).find(({ appId }) => appId === clientId);
}

/** A parameter of a request. @throws {EntraError} AADSTS900144 where it is missing or empty. */
export function required(form: URLSearchParams, parameter: string): string {
  const value = form.get(parameter);
  if (value !== null && value !== "") return value;
  throw missingParameter(parameter);
}

function missingParameter(parameter: string): EntraError {
  return new EntraError(
    400,
    "invalid_request",
    900144,
    `The request body must contain the following parameter: '${parameter}'.`,
  );
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function basicCredentials(request: Request): { clientId: string; clientSecret: string } | undefined {
  const [scheme, encoded] = (request.headers.get("Authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  const decoded = new URLSearchParams(`id=${text.slice(0, colon)}&secret=${text.slice(colon + 1)}`);
  return { clientId: decoded.get("id") ?? "", clientSecret: decoded.get("secret") ?? "" };
}
