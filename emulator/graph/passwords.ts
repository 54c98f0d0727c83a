import { empty, json } from "../server/http";
import type { Application, ServicePrincipal } from "../tenant/tenant";
import { writeApplications } from "./access";
import { passwordEntity } from "./applicationForm";
import { makePassword } from "./clientSecrets";
import { badRequest } from "./graphError";
import { requireApplication, requireServicePrincipal } from "./lookup";
import { odataContext, readBody, type GraphContext, type Route } from "./route";

/**
 * `addPassword` and `removePassword`: the ways to a client secret, beside that of a new application. A service principal
 * can have some of its own, which the portal does not show and Entra takes like the application's.
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

/** @throws {GraphError} 400 for a managed identity: only Azure manages its credentials. */
function requireSecretHolder(context: GraphContext): ServicePrincipal {
  const servicePrincipal = requireServicePrincipal(context);
  if (servicePrincipal.servicePrincipalType === "ManagedIdentity") {
    throw badRequest("Credentials of a managed identity cannot be changed.");
  }
  return servicePrincipal;
}

async function addPassword(context: GraphContext, { kind, holder }: Holding): Promise<Response> {
  const { passwordCredential = {} } = await readBody(context);
  const { credential, secretText } = makePassword(kind, holder, passwordCredential, context.tenant);
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
