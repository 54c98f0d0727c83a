import { empty, isRecord, json, newGuid, wholeSeconds } from "../server/http";
import type { Application, PasswordCredential, ServicePrincipal } from "../tenant/tenant";
import { hashSecret, newSecret } from "../entra/tokens";
import { writeApplications } from "./access";
import { passwordEntity } from "./applicationEntity";
import { badRequest } from "./graphError";
import { requireApplication, requireServicePrincipal } from "./lookup";
import { odataContext, readBody, type GraphContext, type Route } from "./route";
import { enforceAppManagementPolicy } from "./secretPolicy";

/**
 * `addPassword` and `removePassword`: the only ways to a client secret. A service principal can have some of its own, which
 * the portal does not show and Entra takes like the application's.
 *
 * @see https://learn.microsoft.com/graph/api/application-addpassword (read 2026-11)
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-addpassword (read 2026-11)
 */
export const passwordRoutes: readonly Route[] = [
  ...routesOf("applications/{application}", (context) => ({
    kind: "application",
    holder: requireApplication(context),
  })),
  ...routesOf("servicePrincipals/{servicePrincipal}", (context) => ({
    kind: "servicePrincipal",
    holder: requireSecretHolder(context),
  })),
];

type Holding =
  | { readonly kind: "application"; readonly holder: Application }
  | { readonly kind: "servicePrincipal"; readonly holder: ServicePrincipal };

function routesOf(path: string, holdingOf: (context: GraphContext) => Holding): Route[] {
  const shared = { method: "POST", allowedBy: writeApplications, orOwner: true } as const;
  return [
    {
      ...shared,
      pattern: `${path}/addPassword`,
      handle: (context) => addPassword(context, holdingOf(context)),
    },
    {
      ...shared,
      pattern: `${path}/removePassword`,
      handle: (context) => removePassword(context, holdingOf(context)),
    },
  ];
}

/** @throws {GraphError} 400 for a managed identity: Azure alone keeps its credentials. */
function requireSecretHolder(context: GraphContext): ServicePrincipal {
  const servicePrincipal = requireServicePrincipal(context);
  if (servicePrincipal.servicePrincipalType === "ManagedIdentity") {
    throw badRequest("Credentials of a managed identity cannot be changed.");
  }
  return servicePrincipal;
}

async function addPassword(context: GraphContext, { kind, holder }: Holding): Promise<Response> {
  const { passwordCredential = {} } = await readBody(context);
  if (!isRecord(passwordCredential))
    throw badRequest("Invalid value specified for property 'passwordCredential'.");
  const now = context.tenant.clock.now();
  const startsAt = readInstant(passwordCredential, "startDateTime") ?? now;
  const inTwoYears = new Date(now);
  inTwoYears.setUTCFullYear(now.getUTCFullYear() + 2);
  const endsAt = readInstant(passwordCredential, "endDateTime") ?? inTwoYears;
  if (endsAt <= startsAt) throw badRequest("Credential end date must be later than its start date.");
  enforceAppManagementPolicy(kind, holder, startsAt, endsAt, context.tenant);

  const { displayName } = passwordCredential;
  const secretText = newSecret();
  const credential: PasswordCredential = {
    keyId: newGuid(),
    displayName: typeof displayName === "string" ? displayName : null,
    startDateTime: wholeSeconds(startsAt),
    endDateTime: wholeSeconds(endsAt),
    hint: secretText.slice(0, 3),
    secretHash: hashSecret(secretText),
    createdDateTime: now.toISOString(),
  };
  holder.passwordCredentials = [...(holder.passwordCredentials ?? []), credential];
  return json(200, {
    "@odata.context": odataContext(context, "microsoft.graph.passwordCredential"),
    ...passwordEntity(credential, secretText),
  });
}

async function removePassword(context: GraphContext, { holder }: Holding): Promise<Response> {
  const { keyId } = await readBody(context);
  const credentials = holder.passwordCredentials ?? [];
  const remaining = credentials.filter((credential) => credential.keyId !== keyId);
  if (remaining.length === credentials.length) {
    throw badRequest(`No password credential found with keyId ${String(keyId)}.`);
  }
  holder.passwordCredentials = remaining;
  return empty();
}

function readInstant(credential: Readonly<Record<string, unknown>>, name: string): Date | undefined {
  const value = credential[name];
  if (value === undefined || value === null) return undefined;
  const instant = new Date(typeof value === "string" ? value : Number.NaN);
  if (!Number.isNaN(instant.getTime())) return instant;
  throw badRequest(`Cannot convert a value of property '${name}' to type 'Edm.DateTimeOffset'.`);
}
